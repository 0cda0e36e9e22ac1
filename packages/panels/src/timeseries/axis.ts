import type { Unit } from "@hms-ops/model";
import { writeScaled } from "../numbers/format.ts";
import { axisScaleOf, type NumberScale, powerOf, unitWords } from "../numbers/units.ts";
import { type Points, summarize } from "../series/points.ts";
import { isMoment } from "../time/clock-text.ts";
import type { AxisTick, LaneAxis } from "./model.ts";
import { momentAxis } from "./moment-axis.ts";

/** Units whose axis starts at 0, because a difference means nothing without the whole. */
const FROM_ZERO: ReadonlySet<Unit> = new Set([
  "count",
  "share",
  "percent",
  "per-second",
  "per-minute",
  "per-hour",
  "bytes-per-second",
  "bool",
] satisfies Unit[]);
/** Data that fills less than this of the way down to 0 is shown from near its least value. */
const WORTH_CUTTING = 0.5;
/** Air above the highest point, for the limit's name and the line's own width. */
const HEADROOM = 1.08;
/** An axis this much shorter than its greatest value needs more than three digits after the point. */
const MOST_SPANS = 250;

export interface AxisInput {
  readonly series: readonly Points[];
  readonly limits: readonly { readonly value: number }[];
  readonly unit: Unit;
  readonly min: number | undefined;
  readonly zone: string;
  /** How many ticks are wanted; a fraction says to which side it leans. */
  readonly tickCount: number;
}

/**
 * Round ticks from a round least value, each unlike the others; `unitText` says the unit and where
 * it starts.
 */
export function laneAxis(input: AxisInput): LaneAxis & { readonly unitText: string } {
  const { least, most } = extent(input);
  const moments = input.unit === "timestamp" && input.series.length > 0;
  if (moments && isMoment(least * 1000) && isMoment(most * 1000)) {
    return momentAxis({ least, most }, input.tickCount, input.zone);
  }
  const base = axisBase(input, least, most);
  const top = most > base ? base + (most - base) * HEADROOM : base + 1;
  const greatest = Math.max(Math.abs(base), Math.abs(top));
  const scale = axisScaleOf(input.unit, Math.min(greatest, (top - base) * MOST_SPANS));
  const step = niceStep((top - base) / scale.divideBy, input, scale);
  const first = Math.floor(base / scale.divideBy / step + 1e-9) * step;
  const ticks: AxisTick[] = [];
  for (let i = 0; first + i * step <= top / scale.divideBy + step * 1e-6; i++) {
    const value = round(first + i * step);
    const text = tickText(value, step, scale);
    // Where the step is finer than a number can be, neighbours are the same number.
    if (text !== ticks.at(-1)?.text) ticks.push({ value: value * scale.divideBy, text });
  }
  const min = Math.min(base, first * scale.divideBy);
  const words = unitWords(input.unit, scale);
  const from = min > 0 ? `from ${tickText(round(first), step, scale)}` : "";
  return { min, max: top, ticks, unitText: [words, from].filter(Boolean).join(", ") };
}

function extent({ series, limits }: AxisInput): { least: number; most: number } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const points of series) {
    const summary = summarize(points);
    if (summary.least < least) least = summary.least;
    if (summary.most > most) most = summary.most;
  }
  for (const { value } of limits) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return Number.isFinite(least) ? { least, most } : { least: 0, most: 1 };
}

function axisBase({ unit, min }: AxisInput, least: number, most: number): number {
  if (min !== undefined) return Math.min(min, least);
  if (least < 0) return least - (most - least) * (HEADROOM - 1);
  if (FROM_ZERO.has(unit) || least < most * WORTH_CUTTING) return 0;
  const span = most - least;
  return span === 0 ? 0 : Math.max(0, least - span * 0.1);
}

/** The round step whose number of ticks comes nearest to what is wanted, three at least. */
function niceStep(span: number, { tickCount, unit }: AxisInput, { divideBy }: NumberScale): number {
  const power = 10 ** Math.floor(Math.log10(span));
  const whole = (unit === "count" || unit === "bool") && divideBy === 1 && span >= 1;
  let best = power;
  let least = Number.POSITIVE_INFINITY;
  for (const share of [0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5]) {
    const step = share * power;
    if (whole && step < 1) continue;
    const ticks = Math.floor(span / step + 1e-9) + 1;
    const distance = Math.abs(ticks - tickCount) + (ticks < 3 || ticks > 5 ? 1 : 0);
    if (distance < least) {
      least = distance;
      best = step;
    }
  }
  return whole ? Math.max(1, best) : best;
}

/** `7.5`, `100 G`; what is too small for digits after the point has a power of ten. */
function tickText(value: number, step: number, scale: NumberScale): string {
  if (scale.style === "yes-no") return String(value);
  const size = Math.abs(value);
  if (size < step * 1e-6) return `${scale.prefix}0`;
  const plain = { ...scale, divideBy: 1, unit: powerOf(scale), style: "general" } as const;
  const decimals = size < LEAST_PLAIN ? undefined : decimalsOfStep(value, step);
  return writeScaled(value, plain, decimals).text;
}

/** Below it a number is shorter with its power of ten. */
const LEAST_PLAIN = 1e-6;
/** More digits than a number has. */
const MOST_DECIMALS = 15;

/** 7.5 stands beside 5 and 10, as in the mocks: each tick has the digits it needs. */
function decimalsOfStep(value: number, step: number): number {
  for (let decimals = 0; decimals < MOST_DECIMALS; decimals++) {
    if (Math.abs(value - Number(value.toFixed(decimals))) < step * 1e-6) return decimals;
  }
  return MOST_DECIMALS;
}

/** Without what adding steps leaves behind the last digit. */
function round(value: number): number {
  return Number(value.toPrecision(15));
}
