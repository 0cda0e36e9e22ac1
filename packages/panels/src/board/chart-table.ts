import type { Labels, Panel, TimestampMs } from "@hms-ops/model";
import { formatLabels, labelValue, METRIC_NAME } from "@hms-ops/model";
import { MOST_TABLE_ROWS } from "../limits.ts";
import type { HubAnswer } from "../live/hub-port.ts";
import { formatTogether, type ShownNumber } from "../numbers/format.ts";
import { legendText } from "../series/legend.ts";
import type { SeriesLook } from "../series/look.ts";
import { figuresOf, type PointFigures, valueAt } from "../series/points.ts";
import type { TableCell, TableColumn, TableModel, TableRow } from "../table/model.ts";
import { formatMoment } from "../time/clock-text.ts";
import type { ChartSeries, TimeseriesModel } from "../timeseries/model.ts";
import { momentsOf } from "../timeseries/readout.ts";

/** "View as table" of a chart: one row a moment, newest first, one column a series. */
export function chartTable(model: TimeseriesModel): TableModel {
  const series = model.lanes.flatMap((lane) => lane.series);
  const moments = momentsOf(model).toReversed();
  const shown = moments.slice(0, MOST_TABLE_ROWS);
  const columnValues = series.map((one) => shown.map((atMs) => valueAt(one, atMs, model.stepMs)));
  const columnTexts = columnValues.map((values) => formatTogether(values, model.unit, model.zone));
  const rows = shown.map((atMs, row): TableRow => {
    const moment = { text: formatMoment(atMs, model.zone), sort: new Date(atMs).toISOString() };
    const cells = series.map((_, i): TableCell => {
      const text = columnTexts[i]?.[row]?.text ?? "";
      return { text, sort: columnValues[i]?.[row] ?? Number.NaN };
    });
    return { key: String(atMs), cells: [moment, ...cells] };
  });
  const columns: TableColumn[] = series.map(({ name }) => ({ name, kind: "number", unit: "" }));
  return {
    caption: `${model.title} as a table`,
    columns: [{ name: "Time", kind: "time", unit: "" }, ...columns],
    rows,
    more: moreText(moments.length - shown.length),
  };
}

/** One line of a legend table; `at` is the value under the crosshair. */
export interface LegendRow {
  readonly key: string;
  readonly name: string;
  readonly look: SeriesLook;
  readonly at: ShownNumber | undefined;
  readonly last: ShownNumber;
  readonly least: ShownNumber;
  readonly mean: ShownNumber;
  readonly most: ShownNumber;
  /** What the rows are sorted by: shown numbers differ in unit. */
  readonly figures: PointFigures | undefined;
}

/** In one unit, with the same decimals; series of the grey bundle are left out. */
export function legendRows(model: TimeseriesModel, atMs?: TimestampMs): readonly LegendRow[] {
  const named = model.lanes.flatMap((lane) => lane.series).filter(({ bundled }) => !bundled);
  const numbers = named.map((series) => legendNumbers(series, model.stepMs, atMs));
  const texts = formatTogether(numbers.flat(), model.unit, model.zone);
  return named.flatMap((series, i) => {
    const { key, name, look } = series;
    const [at, last, least, mean, most] = texts.slice(i * 5, i * 5 + 5);
    if (!at || !last || !least || !mean || !most) return [];
    const shown = { at: atMs === undefined ? undefined : at, last, least, mean, most };
    return [{ key, name, look, ...shown, figures: figuresOf(series) }];
  });
}

function legendNumbers(
  series: ChartSeries,
  stepMs: number,
  atMs: TimestampMs | undefined,
): readonly (number | undefined)[] {
  const figures = figuresOf(series);
  const at = atMs === undefined ? undefined : valueAt(series, atMs, stepMs);
  return [at, figures?.last, figures?.least, figures?.mean, figures?.most];
}

/** The newest answer of a panel of kind `table`: the labels as columns, the value last. */
export function tableModel(
  panel: Pick<Panel, "title" | "queries" | "unit">,
  answers: readonly (HubAnswer | undefined)[],
  zone: string,
): TableModel {
  const found = answers.flatMap((answer, i) => elementsOf(answer, panel.queries[i]?.legend));
  const names = labelNames(found.map(({ labels }) => labels));
  const texts = formatTogether(
    found.map(({ value }) => value),
    panel.unit,
    zone,
  );
  const rows = found.map(({ labels, value, legend }, i): TableRow => {
    const words = legend ? [legend] : names.map((name) => labelValue(labels, name));
    const cells = words.map((text): TableCell => ({ text, sort: text }));
    const number = { text: texts[i]?.text ?? "", sort: value };
    return { key: `${i} ${formatLabels(labels)}`, cells: [...cells, number] };
  });
  const legends = found.some(({ legend }) => legend !== undefined);
  const heads = legends ? ["Name"] : names.map((name) => (name === METRIC_NAME ? "Metric" : name));
  return {
    caption: panel.title,
    columns: [
      ...heads.map((name): TableColumn => ({ name, kind: "text", unit: "" })),
      { name: "Value", kind: "number", unit: "" },
    ],
    rows: rows.slice(0, MOST_TABLE_ROWS),
    more: moreText(rows.length - MOST_TABLE_ROWS),
  };
}

interface Found {
  readonly labels: Labels;
  readonly value: number;
  readonly legend: string | undefined;
}

function elementsOf(answer: HubAnswer | undefined, legend: string | undefined): readonly Found[] {
  const named = (labels: Labels) => (legend ? legendText(labels, legend) : undefined);
  const value = answer?.value;
  if (value?.kind === "scalar") return [{ labels: [], value: value.value, legend: named([]) }];
  if (value?.kind !== "vector") return [];
  return value.elements.map(({ labels, value }) => ({ labels, value, legend: named(labels) }));
}

function labelNames(sets: readonly Labels[]): readonly string[] {
  const names = new Set<string>();
  for (const labels of sets) for (let i = 0; i < labels.length; i += 2) names.add(labels[i] ?? "");
  return [...names].sort((a, b) => Number(b === METRIC_NAME) - Number(a === METRIC_NAME));
}

function moreText(count: number): string {
  return count > 0 ? `and ${count.toLocaleString("en-US")} more` : "";
}
