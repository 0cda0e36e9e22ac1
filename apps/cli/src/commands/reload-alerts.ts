import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatJson } from "../output.ts";
import { formatProblems, formatReport } from "../rules-report.ts";

export const reloadAlerts: Command = {
  usage: "",
  examples: ["hms-ops reload-alerts"],
  flags: {},
  options: {},
  words: [0, 0],
  run: async ({ values, terminal, hub }) => {
    const report = await hub().reloadRules();
    if (values.output === "json") terminal.data(formatJson(report));
    else {
      terminal.say(formatProblems(report.problems));
      terminal.data(formatReport(report));
    }
    return report.ok ? EXIT.ok : EXIT.findings;
  },
};
