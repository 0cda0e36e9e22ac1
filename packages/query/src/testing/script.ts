import {
  type Labels,
  labelsFromPairs,
  METRIC_NAME,
  type NativeHistogram,
  parseDurationMs,
} from "@hms-ops/model";
import { LANGUAGE_FEATURES } from "../promql/features.ts";
import { added, subtracted } from "../promql/histograms/arithmetic.ts";
import { parseSelector } from "../promql/syntax/parser.ts";
import { readHistogram } from "./histogram-literal.ts";

/**
 * The published script language of Prometheus' own tests (promql/promqltest/README.md), which a
 * PromQL user reads without knowing the engine:
 *
 *   load 30s
 *     http_requests_total{job="a"}  0+10x10 _ stale 5
 *     latency_seconds{job="a"}      {{count:1 sum:2 buckets:[1]}}+{{count:1 sum:2 buckets:[1]}}x10
 *   eval instant at 5m sum(http_requests_total)
 *     {} 100
 *   eval range from 0 to 5m step 1m http_requests_total
 *     http_requests_total{job="a"} 0 20 40 60 80 100
 *   eval instant at 5m a + on(x) b
 *     expect fail regex: many-to-many .*
 *   eval instant at 5m topk(2, m)
 *     expect ordered
 *     …
 *   clear
 *
 * A line of our own, `enable NAMES` or `enable none`, sets the experimental features of what
 * follows, as `--enable-feature` names them; a script begins with SCRIPT_FEATURES.
 *
 * `expect` takes fail, warn, info (with `msg:` or `regex:` or nothing), no_warn, no_info, ordered.
 * The older eval_fail, eval_warn, eval_info, eval_ordered are read too.
 */
export type Command =
  | { readonly kind: "clear"; readonly line: number }
  | { readonly kind: "enable"; readonly line: number; readonly features: FeatureNames }
  | { readonly kind: "load"; readonly line: number; readonly series: readonly LoadedSeries[] }
  | Evaluation;

/** As `--enable-feature` takes them. */
export type FeatureNames = readonly string[];

/** What is on where a script begins: all that does not change the names in answers. */
export const SCRIPT_FEATURES: FeatureNames = LANGUAGE_FEATURES.filter(
  (name) => name !== "promql-delayed-name-removal",
);

export interface Evaluation {
  readonly kind: "eval";
  readonly line: number;
  readonly expr: string;
  readonly expectations: readonly Expectation[];
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly instant: boolean;
  readonly expected: readonly ExpectedSeries[];
}

/** One `expect` line; without a text any message will do. */
export interface Expectation {
  readonly what: "fail" | "warn" | "info" | "no_warn" | "no_info" | "ordered";
  readonly matches?: (message: string) => boolean;
  readonly line: string;
}

export interface LoadedSeries {
  readonly labels: Labels;
  readonly samples: readonly ScriptSample[];
}

export interface ScriptSample {
  readonly timeMs: number;
  readonly value: ScriptValue;
  readonly stale: boolean;
}

export type ScriptValue = number | NativeHistogram;

export interface ExpectedSeries {
  readonly labels: Labels;
  /** One a step; undefined = nothing there. */
  readonly values: readonly (ScriptValue | undefined)[];
}

const EVAL_INSTANT = /^eval(?:_(fail|ordered|warn|info))?\s+instant\s+at\s+(\S+)\s+(.*)$/;
const EXPECT = /^expect\s+(fail|warn|info|no_warn|no_info|ordered)(?:\s+(msg|regex):\s*(.*))?$/;
const EVAL_RANGE =
  /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.*)$/;

/** Throws with the line where the script is wrong: a script is ours, not a user's. */
export function readScript(text: string): readonly Command[] {
  const commands: Command[] = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const head = (lines[i] ?? "").trim();
    if (head === "" || head.startsWith("#")) continue;
    const body: string[] = [];
    while (/^(\s+\S|expect\s)/.test(lines[i + 1] ?? "")) body.push((lines[++i] ?? "").trim());
    commands.push(
      readCommand(
        head,
        body.filter((row) => !row.startsWith("#")),
        i + 1 - body.length,
      ),
    );
  }
  return commands;
}

function readCommand(head: string, body: readonly string[], line: number): Command {
  if (head === "clear") return { kind: "clear", line };
  const enable = /^enable\s+(.*)$/.exec(head);
  if (enable) {
    const names = (enable[1] ?? "").split(/[\s,]+/);
    return { kind: "enable", line, features: names.filter((name) => name !== "none") };
  }
  const load = /^load\s+(\S+)$/.exec(head);
  if (load) {
    const stepMs = duration(load[1] ?? "", line);
    return { kind: "load", line, series: body.map((row) => readSeries(row, stepMs, line)) };
  }
  const instant = EVAL_INSTANT.exec(head);
  const range = EVAL_RANGE.exec(head);
  if (instant) {
    const [, flag = "", at = "", expr = ""] = instant;
    const timeMs = duration(at, line);
    return evaluation(line, flag, expr, body, {
      startMs: timeMs,
      endMs: timeMs,
      stepMs: 1,
      instant: true,
    });
  }
  if (range) {
    const [, flag = "", from = "", to = "", step = "", expr = ""] = range;
    const times = {
      startMs: duration(from, line),
      endMs: duration(to, line),
      stepMs: duration(step, line),
    };
    return evaluation(line, flag, expr, body, { ...times, instant: false });
  }
  throw new Error(`line ${line}: not a command: ${head}`);
}

function evaluation(
  line: number,
  flag: string,
  expr: string,
  body: readonly string[],
  times: Pick<Evaluation, "startMs" | "endMs" | "stepMs" | "instant">,
): Evaluation {
  const isExpectation = (row: string) => /^expect(ed_fail_message|ed_fail_regexp)?\s/.test(row);
  const rows = body.filter((row) => !isExpectation(row));
  const expectations = body.filter(isExpectation).map((row) => readExpectation(row, line));
  if (flag) expectations.push(readExpectation(`expect ${flag}`, line));
  return {
    kind: "eval",
    line,
    expr,
    expectations,
    ...times,
    expected: rows.map((row) => {
      const { labels, rest } = readLabels(row, line);
      return { labels, values: readValues(rest, line).map((one) => one?.value) };
    }),
  };
}

function readExpectation(row: string, line: number): Expectation {
  const current = row
    .replace(/^expected_fail_message\s/, "expect fail msg: ")
    .replace(/^expected_fail_regexp\s/, "expect fail regex: ");
  const [, what, how, text = ""] = EXPECT.exec(current) ?? [];
  if (what === undefined) throw new Error(`line ${line}: not an expectation: ${row}`);
  const wanted = text.replace(/^"(.*)"$/, "$1");
  const pattern = how === "regex" ? new RegExp(wanted) : undefined;
  const matches = (message: string) => pattern?.test(message) ?? message.includes(wanted);
  return { what: what as Expectation["what"], ...(how && { matches }), line: row };
}

function readSeries(row: string, stepMs: number, line: number): LoadedSeries {
  const { labels, rest } = readLabels(row, line);
  const samples = readValues(rest, line).flatMap((one, i) =>
    one ? [{ timeMs: i * stepMs, value: one.value, stale: one.stale }] : [],
  );
  return { labels, samples };
}

function readLabels(row: string, line: number): { labels: Labels; rest: string } {
  const match = /^([a-zA-Z_:][\w:]*)?(\{(?:"(?:\\.|[^"\\])*"|[^}"])*\})?\s*(.*)$/.exec(row);
  const [, name = "", braces = "", rest = ""] = match ?? [];
  if (braces === "{}" || (name === "" && braces === "")) {
    return { labels: name ? [METRIC_NAME, name] : [], rest: rest };
  }
  // A lone `{a="b"}` selects; equality matchers are the labels.
  const { matchers } = parseSelector(`${name}${braces}`);
  if (matchers === undefined) throw new Error(`line ${line}: not a series: ${row}`);
  return { labels: labelsFromPairs(matchers.map((one) => [one.name, one.value] as const)), rest };
}

interface Value {
  readonly value: ScriptValue;
  readonly stale: boolean;
}

/** `1 2 3`, `0+10x5` (6 values), `5x3` (4 times 5), `_`, `_x3`, `stale`; also of histograms. */
function readValues(text: string, line: number): (Value | undefined)[] {
  const words = text.match(/(?:\{\{.*?\}\}|[^\s{])+/g) ?? [];
  return words.flatMap((word) =>
    word.startsWith("{{") ? readHistograms(word, line) : readWord(word, line),
  );
}

/** `{{…}}`, `{{…}}x3`, `{{…}}+{{…}}x3`. */
function readHistograms(word: string, line: number): Value[] {
  const [, first = "", operator = "+", by, times = "0"] =
    /^(\{\{.*?\}\})(?:([+-])(\{\{.*?\}\}))?(?:x(\d+))?$/.exec(word) ?? [];
  if (first === "") throw new Error(`line ${line}: not a histogram: ${word}`);
  const combine = operator === "+" ? added : subtracted;
  let histogram = readHistogram(first, line);
  const values = [{ value: histogram, stale: false }];
  for (let k = 0; k < Number(times); k++) {
    const next = by ? combine(histogram, readHistogram(by, line))?.histogram : histogram;
    if (next === undefined) throw new Error(`line ${line}: bounds do not fit: ${word}`);
    histogram = next;
    values.push({ value: histogram, stale: false });
  }
  return values;
}

function readWord(word: string, line: number): (Value | undefined)[] {
  if (word === "stale") return [{ value: Number.NaN, stale: true }];
  const gap = /^_(?:x(\d+))?$/.exec(word);
  if (gap) return new Array<undefined>(Number(gap[1] ?? 1)).fill(undefined);
  const run = /^([^x]+?)(?:([+-][^x+-]+))?x(\d+)$/.exec(word);
  if (!run) return [{ value: number(word, line), stale: false }];
  const [, first = "", by = "0", times = "0"] = run;
  const start = number(first, line);
  const step = number(by, line);
  return Array.from({ length: Number(times) + 1 }, (_, k) => ({
    value: start + k * step,
    stale: false,
  }));
}

function number(word: string, line: number): number {
  const infinity = /^([+-]?)inf$/i.exec(word);
  if (infinity) return infinity[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = Number(word);
  if (Number.isNaN(value) && !/^nan$/i.test(word))
    throw new Error(`line ${line}: not a number: ${word}`);
  return value;
}

function duration(text: string, line: number): number {
  const ms = parseDurationMs(text) ?? Number(text) * 1000;
  if (Number.isNaN(ms)) throw new Error(`line ${line}: not a duration: ${text}`);
  return ms;
}
