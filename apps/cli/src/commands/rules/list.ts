import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson, formatTable } from "../../output.ts";

const HEAD = ["rule", "state", "health", "origin", "dialect", "expression"];

export const list: Command = {
  usage: "",
  examples: ["hms-ops rules list", "hms-ops rules list -o json"],
  flags: {},
  options: {},
  words: [0, 0],
  run: async ({ values, terminal, hub }) => {
    const { rules } = await hub().rules();
    if (values.output === "json") {
      terminal.data(formatJson({ rules }));
      return EXIT.ok;
    }
    const rows = rules.map(({ name, state, health, origin, dialect, expr }) => [
      name,
      state,
      health,
      origin,
      dialect,
      expr.replace(/\s+/g, " "),
    ]);
    terminal.data(formatTable(HEAD, rows));
    return EXIT.ok;
  },
};
