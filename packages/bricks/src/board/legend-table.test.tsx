import type { Unit } from "@hms-ops/model";
import { Palette, type TimeseriesModel } from "@hms-ops/panels";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { LegendTable } from "./legend-table.tsx";

const MOMENT_S = 1_795_000_000;

function headsOf(unit: Unit): readonly string[] {
  const [look] = new Palette().looksOf([{ name: "a" }]);
  if (!look) expect.fail("a line has no look");
  const series = {
    key: "a",
    name: "a",
    look,
    emphasis: true,
    bundled: false,
    timesMs: Float64Array.of(0, 1_000),
    values: Float64Array.of(MOMENT_S, MOMENT_S + 1),
  };
  const axis = { min: 0, max: 1, ticks: [] };
  const model: TimeseriesModel = {
    title: "x",
    unit,
    unitText: "",
    zone: "UTC",
    range: { fromMs: 0, toMs: 1_000 },
    stepMs: 1_000,
    lanes: [{ series: [series], limits: [], axis }],
    bands: [],
    annotations: [],
    sentence: "",
    bundled: 0,
    emptyText: "",
  };
  const html = renderToStaticMarkup(<LegendTable model={model} />);
  return ["Series", "Last", "Least", "Mean", "Most"].filter((head) => html.includes(`${head}<`));
}

it("of dates, which are long, the legend has the figures that say something", () => {
  expect(headsOf("count")).toEqual(["Series", "Last", "Least", "Mean", "Most"]);
  expect(headsOf("timestamp")).toEqual(["Series", "Last", "Most"]);
});
