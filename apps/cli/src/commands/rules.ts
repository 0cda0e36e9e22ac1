import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { readRuleFile } from "@hms-ops/control";
import { OpsError } from "@hms-ops/model";
import type { Call, Command } from "../command.ts";
import { CLI_ERRORS } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatJson, formatTable } from "../output.ts";
import { formatProblems, formatReport } from "../rules-report.ts";

const ACTIONS: Readonly<
  Record<string, (call: Call, files: readonly string[]) => Promise<ExitCode>>
> = {
  check,
  load,
  list,
};

export const rules: Command = {
  usage: "check|load|list [FILE…]",
  examples: [
    "hms-ops rules check alerts/*.yml",
    "hms-ops rules load alert_rules.yaml",
    "hms-ops rules list",
  ],
  flags: {
    check: "read files without a hub; exit 3 when something is wrong",
    load: "store files in the hub; all of a file or nothing",
    list: "every rule, where it came from and how it is",
  },
  options: {},
  words: [1, Number.POSITIVE_INFINITY],
  run: async (call) => {
    const [action = "", ...files] = call.words;
    const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (run === undefined || (action !== "list" && files.length === 0)) {
      const reason = "rules takes check FILE…, load FILE…, or list";
      throw new OpsError(CLI_ERRORS.usage, { reason, command: "rules" });
    }
    return run(call, files);
  },
};

async function check({ values, terminal }: Call, files: readonly string[]): Promise<ExitCode> {
  const read = await Promise.all(files.map((file) => readRuleFile(textOfFile(file), file)));
  const problems = read.flatMap((one) => one.problems);
  const count = read.reduce(
    (sum, { groups }) => sum + groups.reduce((n, group) => n + group.rules.length, 0),
    0,
  );
  if (values.output === "json") terminal.data(formatJson({ rules: count, problems }));
  else {
    terminal.say(formatProblems(problems));
    terminal.data(`${files.length} files, ${count} rules, ${problems.length} problems\n`);
  }
  return problems.length > 0 ? EXIT.findings : EXIT.ok;
}

async function load({ values, terminal, hub }: Call, files: readonly string[]): Promise<ExitCode> {
  let ok = true;
  for (const file of files) {
    const report = await hub().loadRules({ file: basename(file), text: textOfFile(file) });
    ok &&= report.ok;
    if (values.output === "json") terminal.data(formatJson({ file, ...report }));
    else {
      terminal.say(formatProblems(report.problems));
      terminal.data(`${file}: ${formatReport(report)}`);
    }
  }
  return ok ? EXIT.ok : EXIT.findings;
}

async function list({ values, terminal, hub }: Call): Promise<ExitCode> {
  const { rules: all } = await hub().rules();
  if (values.output === "json") {
    terminal.data(formatJson({ rules: all }));
    return EXIT.ok;
  }
  const rows = all.map(({ name, state, health, origin, dialect, expr }) => [
    name,
    state,
    health,
    origin,
    dialect,
    expr.replace(/\s+/g, " "),
  ]);
  terminal.data(formatTable(["rule", "state", "health", "origin", "dialect", "expression"], rows));
  return EXIT.ok;
}

function textOfFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpsError(CLI_ERRORS.unreadableFile, { file, reason });
  }
}
