// @vitest-environment jsdom
import { FakeClock } from "@hms-ops/model/testing";
import { afterEach, expect, it } from "vitest";
import { fakeCanvas } from "../testing/canvas.ts";
import { panel, picture, TO_MS } from "../testing/pictures.ts";

const { texts } = fakeCanvas(700);
// uPlot reads the window when it is loaded, so it is loaded after the window is whole.
const { Crosshair, mountTimeseries, Palette, timeseriesModel } = await import("../index.ts");

const palette = new Palette();
function model(last = 60) {
  const pictures = [
    picture(
      [{ service: "HMS-ACH" }, (m) => (m <= last ? m : Number.NaN)],
      [{ service: "HMS-A2A" }, () => 5],
    ),
  ];
  const board = panel({ title: "Queue", queries: [{ expr: "q" }] });
  return timeseriesModel(board, pictures, { palette, zone: "UTC", nowMs: TO_MS });
}

function mounted() {
  const host = document.createElement("div");
  document.body.append(host);
  const clock = new FakeClock();
  const crosshair = new Crosshair();
  const chart = mountTimeseries(host, model(), { clock, crosshair, heightPx: 200 });
  const root = host.querySelector<HTMLElement>(".ops-chart")!;
  const press = (key: string) =>
    root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  return { host, clock, crosshair, chart, root, press };
}

afterEach(() => {
  document.body.replaceChildren();
  texts.length = 0;
});

it("describes itself with its computed sentence", () => {
  const { root } = mounted();
  const id = root.getAttribute("aria-describedby") ?? "";
  expect(document.getElementById(id)?.textContent).toBe(model().sentence);
  expect(root.getAttribute("aria-label")).toBe("Queue");
  expect(root.tabIndex).toBe(0);
});

it("writes ticks, times and the names of its lines", async () => {
  mounted();
  await Promise.resolve();
  expect(texts).toEqual(expect.arrayContaining(["0", "20", "14:00", "HMS-ACH", "HMS-A2A"]));
});

it("steps with the keys, moves the page's crosshair and reads the values out", async () => {
  const { clock, crosshair, press, root } = mounted();
  press("ArrowLeft");
  expect(crosshair.timeMs).toBe(TO_MS);
  press("ArrowLeft");
  expect(crosshair.timeMs).toBe(TO_MS - 60_000);
  press("Home");
  press("ArrowRight");
  await clock.advance(300);
  expect(root.querySelector("[aria-live]")?.textContent).toBe(
    "Tue 17 Nov 13:33:00 UTC: HMS-A2A 5, HMS-ACH 1",
  );
  expect(root.querySelector<HTMLElement>(".ops-tip")?.hidden).toBe(false);
});

it("shows no tooltip where only another chart points", () => {
  const { crosshair, root } = mounted();
  crosshair.set(TO_MS - 60_000);
  expect(root.querySelector<HTMLElement>(".ops-tip")?.hidden).toBe(true);
});

it("turns into a table and back with a, and follows new data there", () => {
  const { chart, press, root } = mounted();
  press("a");
  const firstCells = () =>
    [...root.querySelectorAll(".ops-table tbody tr:first-child td")].map(
      (cell) => cell.textContent,
    );
  expect(firstCells()).toEqual(["Tue 17 Nov 14:32:00 UTC", "60", "5"]);
  chart.update(model(50));
  expect(firstCells()).toEqual(["Tue 17 Nov 14:32:00 UTC", "no data", "5"]);
  press("Escape");
  expect(root.querySelector(".ops-table")).toBeNull();
});

it("leaves keys alone that mean something elsewhere", () => {
  const { root } = mounted();
  const event = new KeyboardEvent("keydown", { key: "a", ctrlKey: true, cancelable: true });
  root.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(false);
});

it("leaves nothing behind", () => {
  const { chart, crosshair, host, press } = mounted();
  press("ArrowLeft");
  chart.destroy();
  expect(host.childElementCount).toBe(0);
  expect(crosshair.timeMs).toBeUndefined();
});

it("says in its middle why nothing can be drawn", () => {
  const { chart, host } = mounted();
  const middle = host.querySelector<HTMLElement>(".ops-chart-empty")!;
  expect(middle.hidden).toBe(true);
  chart.update({ ...model(), emptyText: "every value is NaN" });
  expect([middle.hidden, middle.textContent]).toEqual([false, "every value is NaN"]);
});
