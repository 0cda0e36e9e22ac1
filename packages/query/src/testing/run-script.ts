import { formatLabels, labelsKey } from "@hms-ops/model";
import { histogramLiteral } from "./histogram-literal.ts";
import { near, sameHistogram, sameShownHistogram } from "./same-histogram.ts";
import {
  type Evaluation,
  type Expectation,
  type FeatureNames,
  readScript,
  SCRIPT_FEATURES,
  type ScriptValue,
} from "./script.ts";
import type {
  AnsweredValue,
  AnswerRow,
  ScriptAnswer,
  ScriptTarget,
  ShownHistogram,
} from "./target.ts";

/** Runs a script against targets of the caller's; returns what differs, one line each. */
export async function runScript(
  text: string,
  openTarget: (features: FeatureNames) => Promise<ScriptTarget>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  let features = SCRIPT_FEATURES;
  let target = await openTarget(features);
  try {
    for (const command of readScript(text)) {
      if (command.kind === "clear") {
        await target.close();
        target = await openTarget(features);
      } else if (command.kind === "load") {
        await target.load(command.series);
      } else if (command.kind === "enable") {
        features = command.features;
        await target.enable(features);
      } else {
        problems.push(...(await judge(target, command)));
      }
    }
  } finally {
    await target.close();
  }
  return problems;
}

async function judge(target: ScriptTarget, evaluation: Evaluation): Promise<readonly string[]> {
  const { expr, line, expectations } = evaluation;
  const at = `line ${line}: ${expr}`;
  const failures = expectations.filter(({ what }) => what === "fail");
  let answer: ScriptAnswer;
  try {
    answer = await target.ask(evaluation);
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

interface Row {
  readonly key: string;
  readonly name: string;
  readonly values: readonly (AnsweredValue | undefined)[];
}

function rowOf({ labels, values }: AnswerRow): Row {
  return { key: labelsKey(labels), name: formatLabels(labels), values };
}

function compare(evaluation: Evaluation, { rows }: ScriptAnswer): readonly string[] {
  const expected = evaluation.expected.map((row) => ({ ...rowOf(row), values: row.values }));
  const ordered = evaluation.expectations.some(({ what }) => what === "ordered");
  const actual = rows.map(rowOf);
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

function sameValues(
  expected: readonly (ScriptValue | undefined)[],
  actual: readonly (AnsweredValue | undefined)[],
): boolean {
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i++) if (!sameValue(expected[i], actual[i])) return false;
  return true;
}

function sameValue(expected: ScriptValue | undefined, actual: AnsweredValue | undefined): boolean {
  if (expected === undefined || actual === undefined) return expected === actual;
  if (typeof expected === "number" || typeof actual === "number") {
    return typeof expected === "number" && typeof actual === "number" && near(expected, actual);
  }
  return isShown(actual) ? sameShownHistogram(expected, actual) : sameHistogram(expected, actual);
}

function isShown(value: Exclude<AnsweredValue, number>): value is ShownHistogram {
  return "buckets" in value;
}

function shown(values: readonly (AnsweredValue | undefined)[]): string {
  return values
    .map((value) => {
      if (value === undefined) return "_";
      if (typeof value === "number") return String(value);
      return isShown(value) ? JSON.stringify(value) : histogramLiteral(value);
    })
    .join(" ");
}
