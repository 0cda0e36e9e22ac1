import { basename } from "node:path";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson } from "../../output.ts";
import { formatProblems, formatReport } from "../../rules-report.ts";

/** How the list of rules shows what was uploaded. */
const UPLOADED = /^uploaded: /;

export const remove: Command = {
  usage: "FILE…",
  examples: ["hms-ops rules remove alert_rules.yaml"],
  flags: {
    "": "FILE as rules load was given it; the one on disk stays. Rules of alerts/ go with their file.",
  },
  options: {},
  words: [1, Number.POSITIVE_INFINITY],
  run: async ({ words, values, terminal, hub }) => {
    let ok = true;
    for (const word of words) {
      const file = basename(word.replace(UPLOADED, ""));
      const report = await hub().removeRules(file);
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
