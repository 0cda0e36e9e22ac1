import {
  formatLabels,
  labelsKey,
  type MetricStore,
  type QueryAnswer,
  SampleBatchBuilder,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { runQuery } from "../promql/exec/run.ts";
import { EVERY_SYNTAX, type LanguageFeatures } from "../promql/features.ts";
import { prepareQuery } from "../promql/prepare.ts";
import { histogramLiteral } from "./histogram-literal.ts";
import { near, sameHistogram } from "./same-histogram.ts";
import {
  type Evaluation,
  type Expectation,
  type LoadedSeries,
  readScript,
  type ScriptValue,
} from "./script.ts";

const LOOKBACK_MS = 300_000;

/** Runs a script against a store of the caller's; returns what differs, one line each. */
export async function runScript(
  text: string,
  openStore: () => MetricStore,
): Promise<readonly string[]> {
  const problems: string[] = [];
  let store = openStore();
  let features = EVERY_SYNTAX;
  for (const command of readScript(text)) {
    if (command.kind === "clear") store = openStore();
    else if (command.kind === "load") await load(store, command.series);
    else if (command.kind === "enable") features = command.features;
    else problems.push(...(await judge(store, command, features)));
  }
  return problems;
}

async function load(store: MetricStore, loaded: readonly LoadedSeries[]): Promise<void> {
  const builder = new SampleBatchBuilder("script");
  for (const { labels, samples } of loaded) {
    const id = builder.declare({ labels });
    for (const { timeMs, value, stale } of samples) {
      if (stale) builder.addStale(id, timeMs);
      else if (typeof value !== "number") builder.addHistogram({ id, timeMs, histogram: value });
      else builder.add(id, timeMs, value);
    }
  }
  await store.append(builder.build());
}

async function judge(
  store: MetricStore,
  evaluation: Evaluation,
  features: LanguageFeatures,
): Promise<readonly string[]> {
  const { expr, line, expectations } = evaluation;
  const at = `line ${line}: ${expr}`;
  const failures = expectations.filter(({ what }) => what === "fail");
  let answer: QueryAnswer;
  try {
    answer = await ask(store, evaluation, features);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (failures.length === 0) return [`${at}: failed: ${message}`];
    const wrong = failures.filter(({ matches }) => matches && !matches(message));
    return wrong.map((expectation) => `${at}: failed with «${message}», not ${expectation.line}`);
  }
  if (failures.length > 0) return [`${at}: should have failed`];
  const problems = [
    ...judgeMessages(expectations, "warn", answer.warnings),
    ...judgeMessages(expectations, "info", answer.infos),
    ...compare(evaluation, answer),
  ];
  return problems.map((difference) => `${at}: ${difference}`);
}

/** Each line needs a message; where there is a line, each message needs one too. */
function judgeMessages(
  expectations: readonly Expectation[],
  what: "warn" | "info",
  messages: readonly string[],
): readonly string[] {
  if (expectations.some((one) => one.what === `no_${what}`) && messages.length > 0) {
    return [`should not have said ${messages[0]}`];
  }
  const wanted = expectations.filter((one) => one.what === what);
  const fits = ({ matches }: Expectation, message: string) => matches?.(message) ?? true;
  const unmet = wanted.filter((one) => !messages.some((message) => fits(one, message)));
  const unwanted = messages.filter((message) => !wanted.some((one) => fits(one, message)));
  return [
    ...unmet.map(({ line }) => `${line} was not met by [${messages.join("; ")}]`),
    ...(wanted.length > 0 ? unwanted.map((message) => `also said ${message}`) : []),
  ];
}

function ask(store: MetricStore, evaluation: Evaluation, features: LanguageFeatures) {
  const { expr, startMs, endMs, stepMs, instant } = evaluation;
  const { query, diagnostics } = prepareQuery(expr, features);
  if (query === undefined) return Promise.reject(new Error(diagnostics[0]?.message ?? "no query"));
  const count = Math.floor((endMs - startMs) / stepMs) + 1;
  return runQuery(query, store, {
    grid: { startMs, stepMs, count },
    endMs,
    instant,
    delayedNameRemoval: features.delayedNameRemoval,
    lookbackMs: LOOKBACK_MS,
    budget: UNLIMITED_BUDGET,
    defaultStepMs: 60_000,
  });
}

interface Row {
  readonly key: string;
  readonly name: string;
  readonly values: readonly (ScriptValue | undefined)[];
}

function compare(evaluation: Evaluation, { value }: QueryAnswer): readonly string[] {
  const expected = evaluation.expected.map(({ labels, values }) => ({
    key: labelsKey(labels),
    name: formatLabels(labels),
    values,
  }));
  const ordered = evaluation.expectations.some(({ what }) => what === "ordered");
  const actual = rowsOf(evaluation, value);
  const problems: string[] = [];
  for (const [i, row] of expected.entries()) {
    const found = ordered ? actual[i] : actual.find(({ key }) => key === row.key);
    if (found?.key !== row.key) problems.push(`${row.name} is missing`);
    else if (!sameValues(row.values, found.values)) {
      problems.push(`${row.name} is ${shown(found.values)}, not ${shown(row.values)}`);
    }
  }
  for (const row of actual) {
    if (!expected.some(({ key }) => key === row.key))
      problems.push(`${row.name} ${shown(row.values)} is too many`);
  }
  return problems;
}

function rowsOf(
  { startMs, stepMs, endMs }: Evaluation,
  value: QueryAnswer["value"],
): readonly Row[] {
  if (value.kind === "scalar") return [{ key: "", name: "{}", values: [value.value] }];
  if (value.kind === "string") return [];
  if (value.kind === "vector") {
    return value.elements.map(({ labels, value: one, histogram }) => ({
      key: labelsKey(labels),
      name: formatLabels(labels),
      values: [histogram ?? one],
    }));
  }
  const steps = Math.floor((endMs - startMs) / stepMs) + 1;
  return value.series.map(({ labels, timesMs, values, histograms = [] }) => {
    const row = new Array<ScriptValue | undefined>(steps).fill(undefined);
    for (const [i, timeMs] of timesMs.entries()) row[(timeMs - startMs) / stepMs] = values[i];
    for (const [timeMs, histogram] of histograms) row[(timeMs - startMs) / stepMs] = histogram;
    return { key: labelsKey(labels), name: formatLabels(labels), values: row };
  });
}

function sameValues(
  expected: readonly (ScriptValue | undefined)[],
  actual: readonly (ScriptValue | undefined)[],
): boolean {
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i++) if (!sameValue(expected[i], actual[i])) return false;
  return true;
}

function sameValue(expected: ScriptValue | undefined, actual: ScriptValue | undefined): boolean {
  if (expected === undefined || actual === undefined) return expected === actual;
  if (typeof expected === "number" || typeof actual === "number") {
    return typeof expected === "number" && typeof actual === "number" && near(expected, actual);
  }
  return sameHistogram(expected, actual);
}

function shown(values: readonly (ScriptValue | undefined)[]): string {
  return values
    .map((value) => {
      if (value === undefined) return "_";
      return typeof value === "number" ? String(value) : histogramLiteral(value);
    })
    .join(" ");
}
