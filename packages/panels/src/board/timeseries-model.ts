import type { Panel, PanelLimit, TimeRange, TimestampMs, Unit } from "@hms-ops/model";
import type { RangePicture } from "../live/range-picture.ts";
import { formatValue } from "../numbers/format.ts";
import { BUNDLE_LOOK, LOOK_COUNT, type Palette } from "../series/look.ts";
import { summarize } from "../series/points.ts";
import { computeSentence } from "../series/sentence.ts";
import { laneAxis } from "../timeseries/axis.ts";
import type {
  ChartAnnotation,
  ChartBand,
  ChartLane,
  ChartSeries,
  TimeseriesModel,
} from "../timeseries/model.ts";
import { chartLimits } from "./limits.ts";
import { firstPicture, type PanelSeries, panelSeries } from "./pictures.ts";

export interface PanelContext {
  readonly palette: Palette;
  readonly zone: string;
  readonly nowMs: TimestampMs;
  /** Shown while there is no picture yet; absent = the last hour. */
  readonly range?: TimeRange;
  readonly bands?: readonly ChartBand[];
  readonly annotations?: readonly ChartAnnotation[];
  /** Why the picture is old; it is then drawn dimmed. */
  readonly stale?: string;
}

/** Units that count things, where two sizes of thing are worth two lanes. */
const COUNTING: ReadonlySet<Unit> = new Set([
  "count",
  "per-second",
  "per-minute",
  "per-hour",
] satisfies Unit[]);
/** From this ratio on the smaller query would lie flat on the axis of the greater. */
const TWO_SIZES = 8;

/** A chart of a panel's queries, in the order of the pictures. */
export function timeseriesModel(
  panel: Panel,
  pictures: readonly (RangePicture | undefined)[],
  context: PanelContext,
): TimeseriesModel {
  const all = panelSeries(panel, pictures);
  const picture = firstPicture(pictures);
  const range = picture?.range ?? context.range ?? lastHour(context.nowMs);
  const stepMs = Math.max(1, ...pictures.map((one) => one?.stepMs ?? 0));
  const charted = chartSeries(all, context.palette);
  const groups = laneGroups(panel, all, context.palette);
  const perLane = limitsByLane(panel.limits ?? [], groups);
  const setting = { unit: panel.unit, range, stepMs, zone: context.zone };
  const sentence = computeSentence({
    ...setting,
    lanes: groups.map((series, i) => ({
      series: series.filter(({ key }) => !charted.get(key)?.bundled),
      limits: (perLane[i] ?? []).map(({ value, bad }) => ({ value, bad: bad ?? "above" })),
    })),
  });
  const lanes = groups.map((series, i) =>
    chartLane(
      panel,
      series,
      perLane[i] ?? [],
      groups.length,
      charted,
      sentence.about,
      context.zone,
    ),
  );
  return {
    ...setting,
    title: panel.title,
    unitText: lanes[0]?.unitText ?? "",
    lanes: lanes.map(({ lane }) => lane),
    bands: context.bands ?? [],
    annotations: context.annotations ?? [],
    sentence: picture ? sentence.text : "",
    bundled: [...charted.values()].filter(({ bundled }) => bundled).length,
    emptyText: picture ? emptyText(panel, all) : "",
    stale: context.stale,
  };
}

function lastHour(nowMs: number): TimeRange {
  return { fromMs: nowMs - 3_600_000, toMs: nowMs };
}

/** The eight with the highest last value keep a look of their own, the rest are one bundle. */
function chartSeries(
  all: readonly PanelSeries[],
  palette: Palette,
): ReadonlyMap<string, Omit<ChartSeries, "emphasis">> {
  const lastOf = new Map(all.map((series) => [series.key, summarize(series).last]));
  const rank = (key: string) => lastOf.get(key) || Number.NEGATIVE_INFINITY;
  const named =
    all.length <= LOOK_COUNT
      ? all
      : all.toSorted((a, b) => rank(b.key) - rank(a.key)).slice(0, LOOK_COUNT);
  const looks = palette.looksOf(named);
  const charted = new Map<string, Omit<ChartSeries, "emphasis">>();
  for (const { key, name, timesMs, values } of all) {
    charted.set(key, { key, name, timesMs, values, look: BUNDLE_LOOK, bundled: true });
  }
  for (const [i, { key, name, timesMs, values }] of named.entries()) {
    const look = looks[i] ?? BUNDLE_LOOK;
    charted.set(key, { key, name, timesMs, values, look, bundled: false });
  }
  return charted;
}

/** One group, or two when queries of a counting panel differ much in size; the greater first. */
function laneGroups(
  panel: Panel,
  all: readonly PanelSeries[],
  palette: Palette,
): readonly (readonly PanelSeries[])[] {
  if (panel.queries.length < 2 || !COUNTING.has(panel.unit)) return [all];
  const sizes = panel.queries
    .map((_, index) => ({
      index,
      most: Math.max(
        0,
        ...all.filter((one) => one.queryIndex === index).map((one) => summarize(one).most || 0),
      ),
    }))
    .sort((a, b) => b.most - a.most);
  const greatest = sizes[0]?.most ?? 0;
  const least = sizes.at(-1)?.most ?? 0;
  const requestsAndErrors =
    panel.queries.some(({ color }) => color === "ok") &&
    panel.queries.some(({ color }) => color === "crit");
  const twoSizes = least > 0 && greatest / least >= TWO_SIZES;
  if (!palette.keepSplit(panel.id, requestsAndErrors || twoSizes)) return [all];
  const isSmall = requestsAndErrors
    ? ({ color }: PanelSeries) => color === "crit"
    : ({ queryIndex }: PanelSeries) =>
        (sizes.find(({ index }) => index === queryIndex)?.most ?? 0) < greatest / TWO_SIZES;
  const lanes = [all.filter((one) => !isSmall(one)), all.filter(isSmall)];
  return lanes.every((lane) => lane.length > 0) ? lanes : [all];
}

/** A limit belongs to the lane in whose size it is. */
function limitsByLane(
  limits: readonly PanelLimit[],
  groups: readonly (readonly PanelSeries[])[],
): readonly (readonly PanelLimit[])[] {
  if (groups.length < 2) return [limits];
  const sizes = groups.map((group) => Math.max(...group.map((one) => summarize(one).most || 0)));
  const border = Math.sqrt(Math.max(1e-9, (sizes[0] ?? 1) * (sizes[1] ?? 1)));
  return [
    limits.filter(({ value }) => value >= border),
    limits.filter(({ value }) => value < border),
  ];
}

function chartLane(
  panel: Panel,
  group: readonly PanelSeries[],
  limits: readonly PanelLimit[],
  laneCount: number,
  charted: ReadonlyMap<string, Omit<ChartSeries, "emphasis">>,
  about: string,
  zone: string,
): { readonly lane: ChartLane; readonly unitText: string } {
  const { unitText, ...axis } = laneAxis({
    series: group,
    limits,
    unit: panel.unit,
    min: panel.min,
    zone,
    tickCount: laneCount > 1 ? 3.5 : 4.4,
  });
  const series = group.flatMap(({ key }) => {
    const one = charted.get(key);
    return one ? [{ ...one, emphasis: key === about }] : [];
  });
  // The bundle lies under the lines that have names.
  series.sort((a, b) => Number(b.bundled) - Number(a.bundled));
  return { lane: { series, limits: chartLimits(limits, panel.unit), axis }, unitText };
}

/** What takes series away that have samples: a comparison, a set operation, a join. */
const LEAVES_OUT = /[<>]|[=!]=|\b(?:and|unless|on|ignoring)\b/i;

function emptyText(panel: Panel, all: readonly PanelSeries[]): string {
  if (all.length > 0) {
    if (all.some(({ values }) => values.some((value) => Number.isFinite(value)))) return "";
    return "Nothing can be drawn: every value is NaN or infinite, as a division by 0 makes them.";
  }
  const expr = panel.queries[0]?.expr ?? "";
  const metric = /[a-zA-Z_:][a-zA-Z0-9_:]*(?=\s*[{[])/.exec(expr)?.[0];
  if (LEAVES_OUT.test(expr.replace(/"(?:\\.|[^"\\])*"|\{[^}]*\}/g, ""))) {
    return "Nothing in this time range: a condition is never true, or series find no partner. Explore says which.";
  }
  return metric
    ? `No samples of ${metric} in this time range. Look further back, or check its labels.`
    : "No series in this time range. Look further back, or check the expression.";
}

/** `7.8 % now`: what a single line says at its end instead of its name. */
export function endTextNow(value: number, unit: Unit): string {
  return `${formatValue(value, unit).text} now`;
}
