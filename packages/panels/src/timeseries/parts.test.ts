import { describe, expect, it } from "vitest";
import { timeseriesModel } from "../board/timeseries-model.ts";
import { lookAt, Palette } from "../series/look.ts";
import { sparklinePath } from "../sparkline/path.ts";
import { FROM_MS, panel, picture, TO_MS } from "../testing/pictures.ts";
import { Crosshair } from "./crosshair.ts";
import { placeEnds } from "./ends.ts";
import { gridData } from "./grid-data.ts";
import { chartLayout, fittingName } from "./layout.ts";
import { markerIndexes } from "./markers.ts";

describe("names at the lines' ends", () => {
  it("stand where the line ends when there is room", () => {
    expect(placeEnds([20, 80], 15, 0, 100).map(({ labelY }) => labelY)).toEqual([20, 80]);
  });

  it("move apart, in their order, and stay inside", () => {
    const placed = placeEnds([98, 97, 96], 15, 0, 100).map(({ labelY }) => labelY);
    expect(placed).toEqual([100, 85, 70]);
  });
});

it("leaves a gap where a series has no sample", () => {
  const { range, stepMs, series } = picture([{}, (m) => (m > 10 && m < 20 ? Number.NaN : m)]);
  const charted = series.map(({ timesMs, values }) => ({
    key: "a",
    name: "a",
    look: lookAt(0),
    emphasis: false,
    bundled: false,
    timesMs,
    values,
  }));
  const { timesMs, columns } = gridData(range, stepMs, charted);
  expect([timesMs[0], timesMs.at(-1)]).toEqual([FROM_MS, TO_MS]);
  expect(columns[0]?.slice(9, 13)).toEqual([9, 10, null, null]);
  expect(columns[0]?.filter((value) => value === null)).toHaveLength(9);
});

it("marks about ten points a series, shifted from series to series", () => {
  expect(markerIndexes(121, 0, 10)).toHaveLength(10);
  expect(markerIndexes(121, 0, 10)[0]).not.toBe(markerIndexes(121, 1, 10)[0]);
  expect(markerIndexes(3, 0, 10).length).toBeGreaterThan(0);
});

it("cuts long names in the middle", () => {
  const width = (text: string) => text.length * 7;
  expect(fittingName("payments-gateway-7d9f", 90, width)).toBe("paymen…-7d9f");
  expect(fittingName("p95", 90, width)).toBe("p95");
});

it("leaves as much room left of the plot as the widest tick needs", () => {
  const leftOf = (value: number) => {
    const pictures = [picture([{}, (minute) => value + (minute % 2)])];
    const context = { palette: new Palette(), zone: "UTC", nowMs: TO_MS };
    const model = timeseriesModel(panel({ unit: "none" }), pictures, context);
    return chartLayout(model, 800, 200, 1, (text) => text.length * 7).left;
  };
  expect(leftOf(0)).toBe(44);
  expect(leftOf(1_795_000_000)).toBeGreaterThan("1,795,000,000".length * 7);
});

it("leaves out the names of labels where a set of them does not fit", () => {
  const width = (text: string) => text.length * 7;
  const name = 'up{instance="127.0.0.1:9090", job="ach"}';
  expect(fittingName(name, 400, width)).toBe(name);
  expect(fittingName(name, 180, width)).toBe("up, 127.0.0.1:9090, ach");
  expect(fittingName(name, 90, width)).toBe("up, 12…, ach");
});

describe("a spark line", () => {
  it("starts from 0 and breaks at gaps", () => {
    const { line, limitY } = sparklinePath({ values: [1, 2, Number.NaN, 2, 1], state: "calm" });
    expect(line.match(/M/g)).toHaveLength(2);
    expect(limitY).toBeUndefined();
  });

  it("shows its limit once it is near", () => {
    expect(sparklinePath({ values: [1, 9], limit: 8, state: "crit" }).limitY).toBeGreaterThan(2);
    expect(sparklinePath({ values: [1, 2], limit: 800, state: "calm" }).limitY).toBeUndefined();
  });
});

it("tells all charts of a page where the crosshair is, once a move", () => {
  const crosshair = new Crosshair();
  const seen: (number | undefined)[] = [];
  const stop = crosshair.subscribe(() => seen.push(crosshair.timeMs));
  crosshair.set(5);
  crosshair.set(5);
  crosshair.set(undefined);
  stop();
  crosshair.set(6);
  expect(seen).toEqual([5, undefined]);
});
