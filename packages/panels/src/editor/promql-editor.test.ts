// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { fakeHub } from "../testing/pictures.ts";
import { completionSource } from "./completion-source.ts";
import { mountPromqlEditor } from "./index.ts";

// In Node the package's CommonJS door brings a second CodeMirror along; pages take its ES modules.
vi.mock("@prometheus-io/codemirror-promql", () => ({
  PromQLExtension: class {
    setComplete() {
      return this;
    }
    asExtension() {
      return [];
    }
    destroy() {}
  },
}));

function mounted(value: string) {
  const host = document.createElement("div");
  document.body.append(host);
  const changes: string[] = [];
  const runs: string[] = [];
  const editor = mountPromqlEditor(host, {
    value,
    label: "Expression",
    hub: fakeHub({}),
    onChange: (text) => changes.push(text),
    onRun: (text) => runs.push(text),
  });
  const content = host.querySelector<HTMLElement>(".cm-content")!;
  const press = (key: string) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    content.dispatchEvent(event);
    return event;
  };
  return { host, editor, content, press, changes, runs };
}

it("runs the expression with Enter", () => {
  const { press, runs } = mounted("up == 0");
  press("Enter");
  expect(runs).toEqual(["up == 0"]);
});

it("lets Tab go on to what comes next on the page", () => {
  const { press } = mounted("up");
  expect(press("Tab").defaultPrevented).toBe(false);
});

it("has a name and takes a value from outside without calling it a change", () => {
  const { content, editor, changes } = mounted("up");
  editor.setValue("sum(up)");
  expect(content.getAttribute("aria-label")).toBe("Expression");
  expect(content.textContent).toBe("sum(up)");
  expect(changes).toEqual([]);
});

it("leaves nothing behind", () => {
  const { editor, host } = mounted("up");
  editor.destroy();
  expect(host.childElementCount).toBe(0);
});

it("asks the hub for names once, and for the values that fit the selector", async () => {
  const asked: unknown[] = [];
  const source = completionSource(
    fakeHub({
      labelValues: async (name, options) => {
        asked.push([name, options?.match]);
        return ["ach"];
      },
    }),
  );
  await source.metricNames();
  await source.metricNames();
  await source.labelValues("job", "requests_total");
  expect(asked).toEqual([
    ["__name__", undefined],
    ["job", ['{__name__="requests_total"}']],
  ]);
});

it("completes nothing, and breaks nothing, when the hub does not answer", async () => {
  const source = completionSource(fakeHub({}));
  expect(await source.metricNames()).toEqual([]);
  expect(await source.labelNames("up")).toEqual([]);
  expect(await source.metricMetadata()).toEqual({});
});
