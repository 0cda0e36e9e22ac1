import type { ListedRule } from "@hms-ops/wire/api";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson, formatTable } from "../../output.ts";

const HEAD = ["rule", "state", "health", "origin", "dialect", "expression"];

const SHIPPED = "shipped/";
const SHIPPED_NOTE =
  "Rules from shipped/ come with HMS-OPS, are judged on every hub, and fire only where their " +
  "metrics arrive.\nAn alert of yours of the same name takes the place of one.\n";

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
    const isShipped = ({ origin }: ListedRule) => origin.startsWith(SHIPPED);
    const inOrder = [...rules.filter((rule) => !isShipped(rule)), ...rules.filter(isShipped)];
    terminal.data(formatTable(HEAD, inOrder.map(rowOf)));
    if (rules.some(isShipped)) terminal.say(SHIPPED_NOTE);
    return EXIT.ok;
  },
};

function rowOf({ name, state, health, origin, dialect, expr }: ListedRule): readonly string[] {
  return [name, state ?? "records", health, origin, dialect, expr.replace(/\s+/g, " ")];
}
