import { readFileSync } from "node:fs";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatJson } from "../output.ts";

export const version: Command = {
  usage: "",
  examples: ["hms-ops version"],
  flags: {},
  options: {},
  words: [0, 0],
  run: async ({ values, terminal }) => {
    const manifest = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
    ) as { version: string };
    const facts = { version: manifest.version, node: process.versions.node };
    terminal.data(
      values.output === "json"
        ? formatJson(facts)
        : `hms-ops ${facts.version} on Node ${facts.node}\n`,
    );
    return EXIT.ok;
  },
};
