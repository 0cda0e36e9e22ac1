import { type Labels, labelsFromPairs, METRIC_NAME, type NativeHistogram } from "@hms-ops/model";
import { addHistograms, parseSelector, subtractHistograms } from "@hms-ops/query";
import { MAX_TEST_SAMPLES } from "../../limits.ts";
import { readHistogramNotation, readNumber } from "./histogram-notation.ts";
import type { InputSample } from "./test-file.ts";

/** What was read, or what is wrong with it. */
export type Reading<Value> = { readonly value: Value } | { readonly problem: string };

/** `up{job="ach"}`, `{__name__="up"}`; empty is the set without labels. */
export function readSeriesName(text: string): Reading<Labels> {
  const trimmed = text.trim();
  if (trimmed === "" || /^\{\s*\}$/.test(trimmed)) return { value: [] };
  const plain = /^([a-zA-Z_:][\w:]*)\s*(?:\{\s*\})?$/.exec(trimmed)?.[1];
  if (plain !== undefined) return { value: [METRIC_NAME, plain] };
  const { matchers, diagnostics } = parseSelector(trimmed);
  if (!matchers) return { problem: diagnostics[0]?.message ?? `${text} is no series` };
  const other = matchers.find(({ operator }) => operator !== "=");
  if (other) return { problem: `${other.name} must be given with =, not ${other.operator}` };
  return { value: labelsFromPairs(matchers.map(({ name, value }) => [name, value] as const)) };
}

/** The name of an input series: there is one, and no blank parts it from its braces. */
export function readInputName(text: string): Reading<Labels> {
  if (text.trim() === "") return { problem: "a series needs a name" };
  if (/^[a-zA-Z_:][\w:]*\s+\{/.test(text.trim())) {
    return { problem: "a blank stands between the name and its labels" };
  }
  return readSeriesName(text);
}

const GAP = /^_(?:x(\d+))?$/;
const FLOAT = String.raw`(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|nan)`;
const FLOATS = new RegExp(`^([+-]?${FLOAT})(?:([+-]${FLOAT})?(?<!inf|nan)x(\\d+))?$`, "i");
const HISTOGRAMS = /^(\{\{.*?\}\})(?:(?:([+-])(\{\{.*?\}\}))?x(\d+))?$/s;

/**
 * The values of an input series: `1 2 3`, `0+10x5` (6 values), `5x3` (4 times 5), `_`, `_x3`,
 * `stale`, and histograms in the place of numbers.
 */
export function readSeriesValues(text: string): Reading<readonly (InputSample | undefined)[]> {
  if (text.trim().includes("\n")) return { problem: "values stand in one line" };
  const words = text.match(/(?:\{\{.*?\}\}|[^\s{]|\{(?!\{))+/gs) ?? [];
  const samples: (InputSample | undefined)[] = [];
  for (const word of words) {
    const problem = word.startsWith("{{") ? addRun(word, samples) : addWord(word, samples);
    if (problem !== undefined) return { problem };
    if (samples.length > MAX_TEST_SAMPLES) {
      return { problem: `a series of a test has at most ${MAX_TEST_SAMPLES} samples` };
    }
  }
  return { value: samples };
}

type Samples = (InputSample | undefined)[];

function addWord(word: string, samples: Samples): string | undefined {
  if (word === "stale") {
    samples.push("stale");
    return undefined;
  }
  const gap = GAP.exec(word);
  const floats = gap ? null : FLOATS.exec(word);
  const times = Number(gap?.[1] ?? floats?.[3] ?? (gap ? 1 : 0));
  if (times > MAX_TEST_SAMPLES) return `${word} is more than ${MAX_TEST_SAMPLES} samples`;
  if (gap) {
    for (let i = 0; i < times; i++) samples.push(undefined);
    return undefined;
  }
  if (!floats) return `${word} is not a value`;
  const [, first = "", by = "0"] = floats;
  const step = readNumber(by);
  let value = readNumber(first);
  // Added up step by step, as promtool does: the last bits are the same.
  for (let i = 0; i <= times; i++, value += step) samples.push(value);
  return undefined;
}

/** `{{…}}`, `{{…}}x3`, `{{…}}+{{…}}x3`. */
function addRun(word: string, samples: Samples): string | undefined {
  const [, first, operator, by, timesText = "0"] = HISTOGRAMS.exec(word) ?? [];
  if (first === undefined) return `${word} is not a value`;
  const times = Number(timesText);
  if (times > MAX_TEST_SAMPLES) return `${word} is more than ${MAX_TEST_SAMPLES} samples`;
  const start = readHistogramNotation(first);
  if (typeof start === "string") return start;
  const step = by === undefined ? undefined : readHistogramNotation(by);
  if (typeof step === "string") return step;
  const combine = operator === "-" ? subtractHistograms : addHistograms;
  let histogram: NativeHistogram = start;
  samples.push(histogram);
  for (let i = 0; i < times; i++) {
    const next = step ? combine(histogram, step)?.histogram : histogram;
    if (!next) return `the bounds of both histograms in ${word} do not fit`;
    histogram = next;
    samples.push(histogram);
  }
  return undefined;
}
