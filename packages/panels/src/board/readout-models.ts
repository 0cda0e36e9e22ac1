import type { Panel } from "@hms-ops/model";
import type { Light, LightsModel } from "../lights/model.ts";
import type { RangePicture } from "../live/range-picture.ts";
import { formatLimit, formatValue } from "../numbers/format.ts";
import { formatSpan } from "../numbers/spans.ts";
import type { Points } from "../series/points.ts";
import { computeSentence, countWord } from "../series/sentence.ts";
import type { SparklineModel } from "../sparkline/model.ts";
import type { StatModel } from "../stat/model.ts";
import { compareStates, type StatusState, stateWord } from "../states/status.ts";
import { isBroken, limitState, limitText, nearestLimit } from "./limits.ts";
import { currentValue, firstPicture, type PanelSeries, panelSeries } from "./pictures.ts";
import type { PanelContext } from "./timeseries-model.ts";

/** The first series of the panel as one readout. */
export function statModel(
  panel: Panel,
  pictures: readonly (RangePicture | undefined)[],
  { zone }: Pick<PanelContext, "zone">,
): StatModel {
  const [series] = panelSeries(panel, pictures);
  const picture = firstPicture(pictures);
  const value = series && currentValue(series, pictures);
  const state = limitState(value, panel.limits);
  const spark = {
    values: series && picture ? evenValues(series, picture) : [],
    limit: panel.limits?.[0]?.value,
    state: sparkState(state),
  };
  const sentence =
    series && picture
      ? computeSentence({
          unit: panel.unit,
          range: picture.range,
          stepMs: picture.stepMs,
          zone,
          lanes: [{ series: [{ ...series, name: panel.title }], limits: [] }],
        }).text
      : `${panel.title}: no data.`;
  return {
    title: panel.title,
    state,
    stateWord: stateWord(state),
    value: formatValue(value, panel.unit, zone),
    spark,
    note: series ? limitNote(panel, series, value) : "",
    sentence,
  };
}

/** One light a series, worst first. */
export function lightsModel(
  panel: Panel,
  pictures: readonly (RangePicture | undefined)[],
): LightsModel {
  const lights = panelSeries(panel, pictures).map((series): Light => {
    const value = currentValue(series, pictures);
    const state = limitState(value, panel.limits);
    return {
      key: series.key,
      name: series.name,
      state,
      stateWord: stateWord(state),
      detail: lightDetail(panel, value),
    };
  });
  lights.sort((a, b) => compareStates(a.state, b.state) || a.name.localeCompare(b.name));
  return { lights, sentence: lightsSentence(lights) };
}

function lightDetail(panel: Panel, value: number | undefined): string {
  const limit = nearestLimit(value, panel.limits);
  const shown = formatValue(value, panel.unit).text;
  // "yes" and "no" need no limit beside them.
  if (panel.unit === "bool") return shown;
  return limit && value !== undefined ? `${shown}, ${limitText(limit, panel.unit)}` : shown;
}

function lightsSentence(lights: readonly Light[]): string {
  if (lights.length === 0) return "No data in this time range.";
  const count = (state: StatusState) => lights.filter((light) => light.state === state).length;
  const bad = (["crit", "warn", "none"] as const).filter((state) => count(state) > 0);
  if (bad.length === 0) return `All ${lights.length} are OK.`;
  const parts = bad.map((state) => {
    const who = lights.filter((light) => light.state === state).map(({ name }) => name);
    const names = who.length <= 3 ? who.join(", ") : countWord(who.length);
    return `${stateWord(state)}: ${names}`;
  });
  return `${parts.join(". ")}.`;
}

/** `Over 500 for 13 min.`, else the limit itself. */
function limitNote(panel: Panel, series: PanelSeries, value: number | undefined): string {
  const limit = nearestLimit(value, panel.limits);
  if (!limit) return "";
  if (value === undefined || !isBroken(value, limit)) return limitText(limit, panel.unit);
  const side = limit.bad === "below" ? "Below" : "Over";
  const shown = formatLimit(limit.value, panel.unit);
  let first = series.values.length - 1;
  while (first > 0 && isBroken(series.values[first - 1] ?? Number.NaN, limit)) first--;
  const lastMs = series.timesMs.at(-1) ?? 0;
  const spanMs = lastMs - (series.timesMs[first] ?? lastMs);
  return spanMs > 0 ? `${side} ${shown} for ${formatSpan(spanMs)}.` : `${side} ${shown}.`;
}

function sparkState(state: StatusState): SparklineModel["state"] {
  return state === "crit" || state === "warn" ? state : "calm";
}

/** On every step of the range, NaN where there is no sample. */
export function evenValues(series: Points, { range, stepMs }: RangePicture): readonly number[] {
  const startMs = Math.ceil(range.fromMs / stepMs) * stepMs;
  const count = Math.max(0, Math.floor((range.toMs - startMs) / stepMs) + 1);
  const values = new Array<number>(count).fill(Number.NaN);
  for (let i = 0; i < series.timesMs.length; i++) {
    const index = Math.round(((series.timesMs[i] ?? 0) - startMs) / stepMs);
    if (index >= 0 && index < count) values[index] = series.values[i] ?? Number.NaN;
  }
  return values;
}
