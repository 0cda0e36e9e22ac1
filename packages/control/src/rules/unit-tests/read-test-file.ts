import { parseTimestampMs } from "@hms-ops/model";
import { isMap, isScalar, Scalar, type YAMLMap } from "yaml";
import { CONTROL_ERRORS } from "../../errors.ts";
import type { RuleProblem } from "../rule.ts";
import { type Entry, RuleDocument } from "../rule-document.ts";
import { mapsOf, readDuration } from "../rule-parts.ts";
import { readHistogramNotation } from "./histogram-notation.ts";
import { readInputName, readSeriesName, readSeriesValues } from "./series-notation.ts";
import type {
  AlertCase,
  ExpectedSample,
  ExpressionCase,
  InputSeries,
  RuleTest,
  RuleTestFile,
} from "./test-file.ts";

const FILE_KEYS = [
  "rule_files",
  "evaluation_interval",
  "group_eval_order",
  "fuzzy_compare",
  "tests",
];
const TEST_KEYS = [
  "interval",
  "input_series",
  "name",
  "alert_rule_test",
  "promql_expr_test",
  "external_labels",
  "external_url",
  "start_timestamp",
];
const DEFAULT_INTERVAL_MS = 60_000;
/** YAML 1.1, by which test files are written. */
const TRUE = /^(?:y|yes|true|on)$/i;
const FALSE = /^(?:n|no|false|off|null|~|)$/i;
const NUMBER = /^[-+]?(?:\.\d+|\d[\d_]*(?:\.\d*)?)(?:e[-+]?\d+)?$/i;
const SPECIAL = /^([-+]?)\.(inf|nan)$/i;

type Entries = ReadonlyMap<string, Entry>;

export interface ReadRuleTests {
  /** Undefined as soon as one problem is an error. */
  readonly tests: RuleTestFile | undefined;
  readonly problems: readonly RuleProblem[];
}

/** Reads a file of rule tests. Never throws; every problem is told with its place. */
export function readRuleTestFile(text: string, file: string): ReadRuleTests {
  const document = new RuleDocument(text, file);
  const { root } = document;
  let tests: RuleTestFile | undefined;
  const isEmpty = !root || (isScalar(root) && root.value === "");
  if (isEmpty) tests = readFile(document, undefined);
  else if (isMap(root)) tests = readFile(document, root);
  else {
    const inputs = { key: "A test file", wanted: "a map", example: "`tests: …`" };
    document.report(CONTROL_ERRORS.wrongShape, inputs, root);
  }
  return { tests: document.hasErrors ? undefined : tests, problems: document.problems };
}

function readFile(document: RuleDocument, root: YAMLMap | undefined): RuleTestFile {
  const entries: Entries = root ? document.entries(root, FILE_KEYS, "a test file") : new Map();
  const evaluationIntervalMs =
    readDuration(document, entries, "evaluation_interval") || DEFAULT_INTERVAL_MS;
  const nodes = mapsOf(document, entries.get("tests"), "tests");
  return {
    file: document.file,
    ruleFiles: document.textList(entries, "rule_files").map(({ text }) => text),
    evaluationIntervalMs,
    groupOrder: readGroupOrder(document, entries),
    fuzzyCompare: readFlag(document, entries, "fuzzy_compare"),
    tests: nodes.map((node, i) => readTest(document, node, i, evaluationIntervalMs)),
  };
}

function readGroupOrder(document: RuleDocument, entries: Entries): readonly string[] {
  const seen = new Set<string>();
  for (const { text, node } of document.textList(entries, "group_eval_order")) {
    if (seen.has(text)) {
      const reason = `group ${text} stands there twice`;
      const suggestion = "Name each group once.";
      const inputs = { place: "group_eval_order", reason, suggestion };
      document.report(CONTROL_ERRORS.badTest, inputs, node);
    }
    seen.add(text);
  }
  return [...seen];
}

function readTest(
  document: RuleDocument,
  node: YAMLMap,
  index: number,
  evaluationIntervalMs: number,
): RuleTest {
  const entries = document.entries(node, TEST_KEYS, "a test");
  const intervalMs = readDuration(document, entries, "interval") || evaluationIntervalMs;
  const maps = (key: string) => mapsOf(document, entries.get(key), key);
  return {
    name: textOf(document, entries, "name") || `unnamed#${index}`,
    startMs: readStart(document, entries),
    series: maps("input_series").flatMap((one) => readSeries(document, one, intervalMs) ?? []),
    alerts: maps("alert_rule_test").map((one) => readAlertCase(document, one)),
    expressions: maps("promql_expr_test").map((one) => readExpressionCase(document, one)),
    externalLabels: recordOf(document, entries, "external_labels"),
    externalUrl: textOf(document, entries, "external_url"),
  };
}

function readStart(document: RuleDocument, entries: Entries): number {
  const text = textOf(document, entries, "start_timestamp");
  const timeMs = text === "" ? 0 : parseTimestampMs(text);
  if (timeMs !== undefined) return timeMs;
  const suggestion = "Write 2026-11-21T08:00:00Z or seconds.";
  reportAt(document, entries, "start_timestamp", `${text} is no time`, suggestion);
  return 0;
}

function readSeries(
  document: RuleDocument,
  node: YAMLMap,
  intervalMs: number,
): InputSeries | undefined {
  const entries = document.entries(node, ["series", "values"], "an input series");
  const name = textOf(document, entries, "series");
  const labels = readInputName(name);
  const values = readSeriesValues(textOf(document, entries, "values"));
  for (const [key, reading] of [
    ["series", labels],
    ["values", values],
  ] as const) {
    if (!("problem" in reading)) continue;
    const place = entries.get(key)?.value ?? node;
    const inputs = { place: `series ${name}`, reason: reading.problem };
    document.report(CONTROL_ERRORS.badTestSeries, inputs, place);
  }
  if ("problem" in labels || "problem" in values) return undefined;
  return { labels: labels.value, intervalMs, samples: values.value };
}

function readAlertCase(document: RuleDocument, node: YAMLMap): AlertCase {
  const keys = ["eval_time", "alertname", "exp_alerts"];
  const entries = document.entries(node, keys, "a test of an alert");
  const alertName = textOf(document, entries, "alertname");
  if (alertName === "") {
    const inputs = {
      place: "alert_rule_test",
      reason: "an entry lacks its alertname",
      suggestion: "Add `alertname: …`.",
    };
    document.report(CONTROL_ERRORS.badTest, inputs, node);
  }
  const expected = mapsOf(document, entries.get("exp_alerts"), "exp_alerts").map((one) => {
    const alert = document.entries(one, ["exp_labels", "exp_annotations"], "an expected alert");
    return {
      labels: { ...recordOf(document, alert, "exp_labels"), alertname: alertName },
      annotations: recordOf(document, alert, "exp_annotations"),
    };
  });
  return { evalTimeMs: readDuration(document, entries, "eval_time"), alertName, expected };
}

function readExpressionCase(document: RuleDocument, node: YAMLMap): ExpressionCase {
  const keys = ["expr", "eval_time", "exp_samples"];
  const entries = document.entries(node, keys, "a test of an expression");
  const nodes = mapsOf(document, entries.get("exp_samples"), "exp_samples");
  return {
    expr: textOf(document, entries, "expr"),
    evalTimeMs: readDuration(document, entries, "eval_time"),
    expected: nodes.flatMap((one) => readSample(document, one) ?? []),
  };
}

function readSample(document: RuleDocument, node: YAMLMap): ExpectedSample | undefined {
  const entries = document.entries(node, ["labels", "value", "histogram"], "an expected sample");
  const text = textOf(document, entries, "labels");
  const labels = readSeriesName(text);
  const value = readValue(document, entries);
  const notation = textOf(document, entries, "histogram");
  const histogram = notation === "" ? undefined : readHistogramNotation(notation);
  const report = (key: string, reason: string) => {
    const inputs = { place: `expected ${text || "{}"}`, reason };
    document.report(CONTROL_ERRORS.badTestSeries, inputs, entries.get(key)?.value ?? node);
  };
  if ("problem" in labels) report("labels", labels.problem);
  if (typeof histogram === "string") report("histogram", histogram);
  if ("problem" in labels || typeof histogram === "string") return undefined;
  return { labels: labels.value, value, ...(histogram && { histogram }) };
}

/** A number of YAML: a text in quotes is none. */
function readValue(document: RuleDocument, entries: Entries): number {
  const text = textOf(document, entries, "value");
  const node = entries.get("value")?.value;
  const isPlain = !isScalar(node) || node.type === Scalar.PLAIN;
  const special = SPECIAL.exec(text);
  if (isPlain && special) {
    if (special[2]?.toLowerCase() === "nan") return Number.NaN;
    return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (isPlain && /^[-+]?0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  if (isPlain && (text === "" || NUMBER.test(text))) return Number(text.replaceAll("_", ""));
  if (isPlain && /^[-+]?0(?:x[\da-f]+|o[0-7]+|b[01]+)$/i.test(text)) return Number(text);
  const suggestion = "Write it without quotes; infinity is .inf, not a number .nan.";
  reportAt(document, entries, "value", `${text} is not a number of YAML`, suggestion);
  return 0;
}

function readFlag(document: RuleDocument, entries: Entries, key: string): boolean {
  const text = textOf(document, entries, key);
  if (TRUE.test(text)) return true;
  if (!FALSE.test(text)) {
    reportAt(document, entries, key, `${text} is neither true nor false`, "Write true or false.");
  }
  return false;
}

function reportAt(
  document: RuleDocument,
  entries: Entries,
  key: string,
  reason: string,
  suggestion: string,
): void {
  const place = entries.get(key)?.value ?? 0;
  document.report(CONTROL_ERRORS.badTest, { place: key, reason, suggestion }, place);
}

/** Empty where the key is absent or null. */
function textOf(document: RuleDocument, entries: Entries, key: string): string {
  return document.optionalText(entries, key)?.text ?? "";
}

function recordOf(document: RuleDocument, entries: Entries, key: string): Record<string, string> {
  return Object.fromEntries(
    document.textMap(entries, key).map(({ name, text }) => [name, text] as const),
  );
}
