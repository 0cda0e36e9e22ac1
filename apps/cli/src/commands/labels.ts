import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatJson } from "../output.ts";

export const labels: Command = {
  usage: "[NAME]",
  examples: ["hms-ops labels", "hms-ops labels job", "hms-ops labels __name__"],
  flags: {},
  options: {},
  words: [0, 1],
  run: async ({ words: [name], values, terminal, hub }) => {
    const texts = name === undefined ? await hub().labels() : await hub().labelValues(name);
    const lines = texts.map((text) => `${text}\n`).join("");
    terminal.data(values.output === "json" ? formatJson({ values: texts }) : lines);
    return EXIT.ok;
  },
};
