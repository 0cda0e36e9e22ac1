import type { Unit } from "@hms-ops/model";

/** By what a value is divided before it is written, and the unit that then stands behind it. */
export interface NumberScale {
  readonly divideBy: number;
  /** `%`, `s`, `/min`; empty for bare numbers. */
  readonly unit: string;
  /** `$` */
  readonly prefix: string;
  /** How many digits are worth showing. */
  readonly style: "general" | "share" | "seconds" | "milliseconds" | "money" | "yes-no";
}

interface Rung {
  /** The rung is used from this magnitude on. */
  readonly from: number;
  readonly divideBy: number;
  readonly unit: string;
  readonly style?: NumberScale["style"];
}

const KIB = 1024;
const DURATION_MS: readonly Rung[] = [
  { from: 0, divideBy: 0.001, unit: "µs" },
  { from: 0.1, divideBy: 1, unit: "ms", style: "milliseconds" },
  { from: 1_000, divideBy: 1_000, unit: "s", style: "seconds" },
  { from: 120_000, divideBy: 60_000, unit: "min" },
  { from: 7_200_000, divideBy: 3_600_000, unit: "h" },
  { from: 172_800_000, divideBy: 86_400_000, unit: "d" },
];
const BYTES: readonly Rung[] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].map((unit, power) => ({
  from: power === 0 ? 0 : KIB ** power,
  divideBy: KIB ** power,
  unit,
}));
const COUNTS: readonly Rung[] = [
  { from: 0, divideBy: 1, unit: "" },
  { from: 1e6, divideBy: 1e6, unit: "M" },
  { from: 1e9, divideBy: 1e9, unit: "G" },
  { from: 1e12, divideBy: 1e12, unit: "T" },
];

const LADDERS: Readonly<Record<Unit, readonly Rung[]>> = {
  none: COUNTS,
  count: COUNTS,
  ms: DURATION_MS,
  seconds: DURATION_MS.map((rung) => ({
    ...rung,
    from: rung.from / 1000,
    divideBy: rung.divideBy / 1000,
  })),
  // What no calendar can show is written as it is.
  timestamp: [{ from: 0, divideBy: 1, unit: "s" }],
  bytes: BYTES,
  "bytes-per-second": BYTES.map((rung) => ({ ...rung, unit: `${rung.unit}/s` })),
  "per-second": COUNTS.map((rung) => ({ ...rung, unit: `${rung.unit}/s` })),
  "per-minute": COUNTS.map((rung) => ({ ...rung, unit: `${rung.unit}/min` })),
  "per-hour": COUNTS.map((rung) => ({ ...rung, unit: `${rung.unit}/h` })),
  share: [{ from: 0, divideBy: 0.01, unit: "%", style: "share" }],
  percent: [{ from: 0, divideBy: 1, unit: "%", style: "share" }],
  usd: COUNTS.map((rung) => ({ ...rung, style: "money" })),
  bool: [{ from: 0, divideBy: 1, unit: "", style: "yes-no" }],
};

const WORDS: Readonly<Record<Unit, string>> = {
  none: "",
  count: "",
  ms: "ms",
  seconds: "s",
  timestamp: "",
  bytes: "B",
  "bytes-per-second": "B/s",
  "per-second": "per second",
  "per-minute": "per minute",
  "per-hour": "per hour",
  share: "%",
  percent: "%",
  usd: "$",
  bool: "",
};

/** 999.6 ms is written as the next unit, since it would round to 1,000 of this one. */
const ALMOST = 0.9995;

/** The scale in which a value of this magnitude is written. */
export function scaleOf(unit: Unit, magnitude: number): NumberScale {
  return scaleFrom(unit, magnitude, 1);
}

/**
 * The scale of an axis whose greatest label is `magnitude`. Spans hold on to the smaller unit for a
 * while longer than a readout: 3,000 ms is a good label.
 */
export function axisScaleOf(unit: Unit, magnitude: number): NumberScale {
  return scaleFrom(unit, magnitude, unit === "ms" || unit === "seconds" ? 10 : 1);
}

function scaleFrom(unit: Unit, magnitude: number, patience: number): NumberScale {
  const ladder = LADDERS[unit];
  // Nothing at all is written in the unit that the panel names.
  const size = magnitude === 0 || !Number.isFinite(magnitude) ? baseOf(ladder) : magnitude;
  const rung =
    ladder.findLast(
      ({ from, divideBy }) => size >= from * ALMOST * (divideBy > 1 ? patience : 1),
    ) ?? ladder[0];
  const style = rung?.style ?? "general";
  return {
    divideBy: rung?.divideBy ?? 1,
    unit: rung?.unit ?? "",
    prefix: style === "money" ? "$" : "",
    style,
  };
}

function baseOf(ladder: readonly Rung[]): number {
  return ladder.find(({ divideBy }) => divideBy === 1)?.from ?? 0;
}

/** `M`, `G`, `T`, which belong to the number; `MiB` and `min` are units. */
export function powerOf(scale: NumberScale): string {
  return /^[MGT](?=\/|$)/.exec(scale.unit)?.[0] ?? "";
}

/** What a panel's title carries beside it: `per minute`, `%`, `ms`, and scaled `MiB`. */
export function unitWords(unit: Unit, scale?: NumberScale): string {
  if (!scale || scale.divideBy === 1 || unit === "share" || powerOf(scale)) return WORDS[unit];
  return scale.unit;
}
