import { basename } from "node:path";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson } from "../../output.ts";
import { formatProblems, formatReport } from "../../rules-report.ts";
import { ruleFilesOf, textOfFile } from "./rule-files.ts";

export const load: Command = {
  usage: "FILE|FOLDER…",
  examples: ["hms-ops rules load alert_rules.yaml"],
  flags: { "": "All of a file is stored in the hub, or nothing of it; then the exit code is 3." },
  options: {},
  words: [1, Number.POSITIVE_INFINITY],
  run: async ({ words, values, terminal, hub }) => {
    let ok = true;
    for (const file of ruleFilesOf(words)) {
      const report = await hub().loadRules({ file: basename(file), text: textOfFile(file) });
      ok &&= report.ok;
      if (values.output === "json") terminal.data(formatJson({ file, ...report }));
      else {
        terminal.say(formatProblems(report.problems));
        terminal.data(`${file}: ${formatReport(report)}`);
      }
    }
    return ok ? EXIT.ok : EXIT.findings;
  },
};
