import type { ChartLane, TimeseriesModel } from "./model.ts";

/** CSS px round the plot of each lane. */
export interface ChartLayout {
  readonly heights: readonly number[];
  readonly top: number;
  readonly right: number;
  readonly left: number;
  /** Under the last lane, where the time stands. */
  readonly bottom: number;
  /** Between two lanes. */
  readonly between: number;
  readonly names: boolean;
  readonly small: boolean;
  /** 1, about 3 on a wall screen. */
  readonly scale: number;
}

/** Names stand at the line's end up to so many series; more need the legend table. */
const MOST_END_NAMES = 6;
const SMALL_PX = 460;
const MOST_NAME_PX = 180;
/** Left of the plot; more where a tick is wider. */
const GUTTER_PX = 44;

export function chartLayout(
  model: TimeseriesModel,
  width: number,
  height: number,
  scale: number,
  textWidth: (text: string) => number,
): ChartLayout {
  const small = width < SMALL_PX * scale;
  const texts = endTexts(model);
  const names = !small && texts.length > 0;
  const widest = Math.max(0, ...texts.map(textWidth));
  const ticks = model.lanes.flatMap((lane) => lane.axis.ticks.map(({ text }) => textWidth(text)));
  const noted = !small && model.annotations.some(({ text }) => text !== "");
  const top = (noted ? 24 : 10) * scale;
  const bottom = 22 * scale;
  return {
    heights: laneHeights(model.lanes, height, bottom),
    top,
    bottom,
    between: 8 * scale,
    left: Math.max(GUTTER_PX * scale, Math.max(0, ...ticks) + 12 * scale),
    right: names ? Math.min(MOST_NAME_PX * scale, widest) + 20 * scale : 8 * scale,
    names,
    small,
    scale,
  };
}

/** What stands at the lines' ends; empty when one line is named by the title, or there are many. */
function endTexts(model: TimeseriesModel): readonly string[] {
  const series = model.lanes.flatMap((lane) => lane.series.filter(({ bundled }) => !bundled));
  if (series.length > MOST_END_NAMES || model.bundled > 0) return [];
  if (series.length === 1 && series[0]?.endText === undefined) return [];
  return series.map(({ endText, name }) => endText ?? name);
}

/** The upper lane is a little higher; the lower one has the time axis below it. */
function laneHeights(
  lanes: readonly ChartLane[],
  height: number,
  bottom: number,
): readonly number[] {
  if (lanes.length < 2) return [height];
  const upper = Math.round((height - bottom) * 0.58);
  return [upper, height - upper];
}

/** A name as it fits: whole, then a set of labels by its values alone, then cut in the middle. */
export function fittingName(
  name: string,
  mostPx: number,
  textWidth: (text: string) => number,
): string {
  if (textWidth(name) <= mostPx) return name;
  return cutMiddle(valuesOf(name) || name, mostPx, textWidth);
}

/** `127.0.0.1:9090, ach` of `{instance="127.0.0.1:9090", job="ach"}`; empty without labels. */
function valuesOf(name: string): string {
  const [, metric = "", labels = ""] = /^([^{]*)\{(.+)\}$/.exec(name) ?? [];
  const values = [...labels.matchAll(/="((?:[^"\\]|\\.)*)"/g)].map(([, value]) => value);
  return [metric, ...values].filter(Boolean).join(", ");
}

/** Cuts in the middle, where names differ least. */
function cutMiddle(text: string, mostPx: number, textWidth: (text: string) => number): string {
  if (textWidth(text) <= mostPx) return text;
  let kept = text.length - 1;
  while (kept > 2 && textWidth(cut(text, kept)) > mostPx) kept--;
  return cut(text, kept);
}

function cut(text: string, kept: number): string {
  const head = Math.ceil(kept / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (kept - head))}`;
}
