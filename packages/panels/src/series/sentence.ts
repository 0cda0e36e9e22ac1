import type { TimeRange, Unit } from "@hms-ops/model";
import { formatLimit, formatTogether, formatValue } from "../numbers/format.ts";
import { formatClock, formatDay } from "../time/clock-text.ts";
import { findMove, type Move } from "./move.ts";
import { type Points, summarize } from "./points.ts";

export interface SentenceInput {
  readonly lanes: readonly SentenceLane[];
  readonly unit: Unit;
  readonly range: TimeRange;
  readonly stepMs: number;
  readonly zone: string;
}

export interface SentenceLane {
  readonly series: readonly NamedPoints[];
  readonly limits: readonly SentenceLimit[];
}

export interface NamedPoints extends Points {
  readonly key: string;
  readonly name: string;
}

interface SentenceLimit {
  readonly value: number;
  readonly bad: "above" | "below";
}

export interface Sentence {
  readonly text: string;
  /** Key of the series that it is about; empty when it is about none. */
  readonly about: string;
}

interface Subject {
  readonly series: NamedPoints;
  readonly lane: SentenceLane;
  readonly move: Move;
  readonly weight: number;
}

/**
 * What moved, from, to, since, as one sentence:
 * `p95 rose from 0.2 s to 1.9 s at 08:03; now 0.4 s; limit 0.5 s.`
 */
export function computeSentence(input: SentenceInput): Sentence {
  const subjects = input.lanes.flatMap((lane) => subjectsOf(lane));
  const [main] = subjects.sort((a, b) => b.weight - a.weight);
  if (!main) return { text: withoutMove(input), about: "" };
  const { zone, range } = input;
  const limit = main.lane.limits[0];
  const numbers = [main.move.from, main.move.to, main.move.last];
  const [from, to, now] = formatTogether(numbers, input.unit, zone).map(({ text }) => text);
  const { kind, last, sinceMs } = main.move;
  const { said, saysNow } =
    kind === "steady"
      ? levelOf(main.series, input)
      : {
          said: `${kind} from ${from} to ${to} at ${momentText(sinceMs, range, zone)}`,
          saysNow: now === to,
        };
  const parts = [`${main.series.name} ${said}`];
  const silent = silentText(main, input);
  if (silent) parts.push(silent);
  else if (!saysNow) parts.push(`now ${now}`);
  if (limit) {
    const limitText = formatLimit(limit.value, input.unit);
    const over = limit.bad === "above" ? last > limit.value : last < limit.value;
    parts.push(over ? `${limit.bad} the limit of ${limitText}` : `limit ${limitText}`);
  }
  const text = `${capitalized(parts.join("; "))}.${othersText(subjects, input.unit)}`;
  return { text, about: main.series.key };
}

function subjectsOf(lane: SentenceLane): readonly Subject[] {
  const found: Subject[] = [];
  const most = Math.max(...lane.series.map((series) => Math.abs(summarize(series).most) || 0));
  for (const series of lane.series) {
    const move = findMove(series);
    if (!move) continue;
    const beyond = lane.limits.some(({ value, bad }) =>
      bad === "above" ? move.last > value : move.last < value,
    );
    const size = most === 0 ? 0 : Math.abs(move.to - move.from) / most;
    const moved = move.kind === "steady" ? 0 : 1;
    found.push({ series, lane, move, weight: (beyond ? 4 : 0) + moved + size });
  }
  return found;
}

/** `Four others stay below 1.3 %.`; empty when they moved too, or there are none. */
function othersText(subjects: readonly Subject[], unit: Unit): string {
  const [main, ...others] = subjects;
  const sameLane = others.filter(({ lane }) => lane === main?.lane);
  if (!main || sameLane.length === 0 || main.move.kind !== "rose") return "";
  const most = Math.max(...sameLane.map(({ series }) => summarize(series).most));
  if (!(most < main.move.to / 2)) return "";
  const who =
    sameLane.length === 1
      ? `${sameLane[0]?.series.name} stays`
      : `${countWord(sameLane.length)} others stay`;
  return ` ${who} below ${formatValue(roundUp(most), unit).text}.`;
}

/** `is steady at 118` where the digits shown never change, else `moves between 112 and 124`. */
function levelOf(series: Points, { unit, zone }: SentenceInput) {
  const { least, most } = summarize(series);
  const [low, high] = formatTogether([least, most], unit, zone).map(({ text }) => text);
  return low === high
    ? { said: `is steady at ${low}`, saysNow: true }
    : { said: `moves between ${low} and ${high}`, saysNow: false };
}

function withoutMove({ lanes, unit, zone }: SentenceInput): string {
  const series = lanes.flatMap((lane) => lane.series);
  const first = series[0];
  if (!first) return "No data in this time range.";
  const known = series.find((one) => !Number.isNaN(summarize(one).last));
  if (!known) return withoutFinite(series, unit);
  return `${capitalized(known.name)} is ${formatValue(lastOf(known), unit, zone).text}.`;
}

/** `Value is NaN.`, `All 3 series are +Inf.`, `All 3 series are NaN or infinite.` */
function withoutFinite(series: readonly NamedPoints[], unit: Unit): string {
  const texts = new Set(series.map((one) => formatValue(lastOf(one), unit).text));
  const [first] = series;
  if (series.length === 1 && first) return `${capitalized(first.name)} is ${[...texts][0]}.`;
  const what = texts.size === 1 ? [...texts][0] : "NaN or infinite";
  return `${series.length === 2 ? "Both" : `All ${series.length}`} series are ${what}.`;
}

function lastOf({ values }: Points): number | undefined {
  return values.at(-1);
}

/** Since when there is no value, or none that is finite. */
function silentText({ series, move }: Subject, input: SentenceInput): string {
  const { range, stepMs, zone, unit } = input;
  const last = lastOf(series);
  if (last !== undefined && !Number.isFinite(last)) {
    return `${formatValue(last, unit).text} since ${momentText(move.lastMs, range, zone)}`;
  }
  const silentMs = range.toMs - move.lastMs;
  return silentMs > 3 * stepMs ? `no data since ${momentText(move.lastMs, range, zone)}` : "";
}

function momentText(timeMs: number, range: TimeRange, zone: string): string {
  const clock = formatClock(timeMs, zone);
  const oneDay = formatDay(range.fromMs, zone) === formatDay(range.toMs, zone);
  return oneDay || range.toMs - range.fromMs <= 86_400_000 / 2
    ? clock
    : `${clock} on ${formatDay(timeMs, zone)}`;
}

/** A plain word may begin a sentence with a capital; `p95` and `queue_depth` stay as they are. */
function capitalized(text: string): string {
  return /^[a-z]+ /.test(`${text} `) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** Up to two digits, so that "below" is true and short. */
function roundUp(value: number): number {
  if (!(value > 0)) return 0;
  const power = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / power) * power;
}

const COUNT_WORDS = "Zero One Two Three Four Five Six Seven Eight Nine".split(" ");

/** `Four`, `12`. */
export function countWord(count: number): string {
  return COUNT_WORDS[count] ?? String(count);
}
