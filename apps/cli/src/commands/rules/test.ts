import { globSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import {
  formatJunit,
  type JunitSuite,
  type RuleGroup,
  type RuleTestFile,
  type RuleTestOutcome,
  readRuleTestFile,
  runRuleTests,
} from "@hms-ops/control";
import { OpsError } from "@hms-ops/model";
import { openMemoryStore } from "@hms-ops/stores/memory";
import { type Call, type Command, textOf } from "../../command.ts";
import { CLI_ERRORS } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson } from "../../output.ts";
import { formatProblems } from "../../rules-report.ts";
import { systemReason } from "../../system-reason.ts";
import { hasErrors, readRuleFiles, textOfFile } from "./rule-files.ts";

export const test: Command = {
  usage: "FILE…",
  examples: [
    "hms-ops rules test tests.yml",
    "hms-ops rules test tests/*.yml --junit report.xml",
    "hms-ops rules test tests.yml --run 'latency.*'",
  ],
  flags: {
    "--junit FILE": "write what came out as JUnit XML, too",
    "--run REGEX": "only the tests whose name it matches in full; repeat it for more",
    "": "Runs the unit tests of promtool without a hub. Exit 0: all passed, 1: one failed.",
  },
  options: { junit: { type: "string" }, run: { type: "string", multiple: true } },
  words: [1, Number.POSITIVE_INFINITY],
  run: async (call) => {
    const isWanted = readNames(call);
    const results: TestedFile[] = [];
    for (const file of call.words) {
      const tested = await testFile(call, file, isWanted);
      results.push(tested);
      if (call.values.output !== "json") call.terminal.data(formatFile(tested));
    }
    if (call.values.output === "json") {
      call.terminal.data(formatJson({ files: results, passed: results.every(isGood) }));
    }
    const junit = textOf(call.values.junit);
    if (junit !== undefined) writeJunit(junit, results);
    return results.every(isGood) ? EXIT.ok : EXIT.failure;
  },
};

interface TestedFile {
  readonly file: string;
  readonly tests: readonly RuleTestOutcome[];
  /** Why the file, or the rules that it names, cannot be used. */
  readonly errors: readonly string[];
}

function isGood({ tests, errors }: TestedFile): boolean {
  return errors.length === 0 && tests.every(({ failures }) => failures.length === 0);
}

function readNames({ values }: Call): (name: string) => boolean {
  const texts = Array.isArray(values.run) ? values.run.map(String) : [];
  const patterns = texts.map((text) => {
    try {
      return new RegExp(`^(?:${text})$`);
    } catch (error) {
      const reason = `--run ${text}: ${error instanceof Error ? error.message : error}`;
      throw new OpsError(CLI_ERRORS.usage, { reason, command: "rules test" });
    }
  });
  return (name) => patterns.length === 0 || patterns.some((pattern) => pattern.test(name));
}

async function testFile(
  { terminal }: Call,
  file: string,
  isWanted: (name: string) => boolean,
): Promise<TestedFile> {
  let read: ReturnType<typeof readRuleTestFile>;
  try {
    read = readRuleTestFile(textOfFile(file), file);
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return { file, tests: [], errors: [error.message] };
  }
  if (!read.tests) return { file, tests: [], errors: [formatProblems(read.problems).trimEnd()] };
  terminal.say(formatProblems(read.problems));
  const tests = read.tests.tests.filter(({ name }) => isWanted(name));
  const rules = await readRules(read.tests, (text) => terminal.say(text));
  // As promtool has it, rules that nobody tests may be anything.
  if (typeof rules === "string")
    return { file, tests: [], errors: tests.length > 0 ? [rules] : [] };
  return {
    file,
    tests: await runRuleTests({ ...read.tests, tests }, rules, openMemoryStore),
    errors: [],
  };
}

/** The groups of the rule files; a text says what is wrong with them. */
async function readRules(
  { file, ruleFiles }: RuleTestFile,
  say: (text: string) => void,
): Promise<readonly RuleGroup[] | string> {
  const found = ruleFiles.flatMap((pattern) => {
    const path = isAbsolute(pattern) ? pattern : join(dirname(file), pattern);
    const matches = pattern === "" ? [] : globSync(path).sort();
    if (matches.length === 0) say(`${file}: warning: no rule file is called ${path}\n`);
    return matches;
  });
  try {
    const { groups, problems } = await readRuleFiles([...new Set(found)]);
    return hasErrors(problems) ? formatProblems(problems).trimEnd() : groups;
  } catch (error) {
    if (error instanceof OpsError) return error.message;
    throw error;
  }
}

function formatFile({ file, tests, errors }: TestedFile): string {
  const failures = tests.flatMap(({ name, failures: texts }) =>
    texts.map((text) => indented(`${name}: ${text}`)),
  );
  const lines = [...errors.map(indented), ...failures];
  const isPassed = lines.length === 0;
  const passed = tests.filter((one) => one.failures.length === 0).length;
  return `${file}: ${isPassed ? "passed" : "FAILED"}, ${passed} of ${tests.length} tests\n${lines.join("")}`;
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ").concat("\n");
}

function writeJunit(file: string, results: readonly TestedFile[]): void {
  const timestamp = new Date().toISOString();
  const suites = results.map(
    ({ file: name, tests, errors }): JunitSuite => ({ name, timestamp, cases: tests, errors }),
  );
  try {
    writeFileSync(file, formatJunit(suites));
  } catch (error) {
    throw new OpsError(CLI_ERRORS.unwritableFile, { file, reason: systemReason(error) });
  }
}
