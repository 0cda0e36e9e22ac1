import { adviseRules, RULE_INTERVAL_MS } from "@hms-ops/control";
import type { Call, Command } from "../../command.ts";
import { EXIT, type ExitCode } from "../../exit-codes.ts";
import { formatJson } from "../../output.ts";
import { formatProblems } from "../../rules-report.ts";
import { seriesCatalog } from "../../series-catalog.ts";
import { hasErrors, readRuleFiles, ruleFilesOf } from "./rule-files.ts";

export const check: Command = {
  usage: "FILE|FOLDER…",
  examples: [
    "hms-ops rules check alerts/*.yml",
    "hms-ops rules check rules.yml --lint-fatal",
    "hms-ops rules check rules.yml --url http://127.0.0.1:9090",
  ],
  flags: {
    "--lint-fatal": "exit 3 also for what is only a warning",
    "with --url": "say also which selectors match nothing in that hub, and why",
    "": "Of a folder its *.yml and *.yaml are read. Files alone are read without a hub. Exit 0: good, 1: the rules would not be taken.",
  },
  options: { "lint-fatal": { type: "boolean" } },
  words: [1, Number.POSITIVE_INFINITY],
  run: async (call) => {
    const { words, values, terminal } = call;
    const files = ruleFilesOf(words);
    const read = await readRuleFiles(files);
    const advice = hasErrors(read.problems) ? [] : await advise(call, read.groups);
    const problems = [...read.problems, ...advice];
    const rules = read.groups.reduce((sum, group) => sum + group.rules.length, 0);
    if (values.output === "json") terminal.data(formatJson({ rules, problems }));
    else {
      terminal.say(formatProblems(problems));
      const counts = [
        counted(files.length, "file"),
        counted(rules, "rule"),
        counted(problems.length, "problem"),
      ];
      terminal.data(`${counts.join(", ")}\n`);
    }
    return exitCode(problems, values["lint-fatal"] === true);
  },
};

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

async function advise({ values, hub }: Call, groups: Parameters<typeof adviseRules>[0]) {
  const intervalMs = RULE_INTERVAL_MS;
  if (values.url === undefined) return adviseRules(groups, { intervalMs });
  const families = await hub().metadata();
  const typeOf = (name: string) => families.get(name)?.type;
  return adviseRules(groups, { intervalMs, typeOf, catalog: seriesCatalog(hub()) });
}

function exitCode(problems: Parameters<typeof hasErrors>[0], isLintFatal: boolean): ExitCode {
  if (hasErrors(problems)) return EXIT.failure;
  return isLintFatal && problems.length > 0 ? EXIT.findings : EXIT.ok;
}
