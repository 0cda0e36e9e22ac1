import { OpsError } from "@hms-ops/model";
import type { DemoStatus } from "@hms-ops/wire/api";
import type { Command } from "../command.ts";
import { CLI_ERRORS } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { formatJson, formatTable } from "../output.ts";

export const demo: Command = {
  usage: "status | fault NAME",
  examples: [
    "hms-ops demo status",
    "hms-ops demo fault payments-slow",
    "hms-ops demo fault payments-slow --off",
  ],
  flags: { "--off": "switch the fault off" },
  options: { off: { type: "boolean" } },
  words: [1, 2],
  run: async ({ words: [action, name], values, terminal, hub }) => {
    const faults = await ask();
    const rows = faults.map((fault) => [fault.name, fault.on ? "on" : "off", fault.summary]);
    const table = formatTable(["fault", "is", "what it does"], rows);
    terminal.data(values.output === "json" ? formatJson({ faults }) : table);
    return EXIT.ok;

    async function ask(): Promise<DemoStatus["faults"]> {
      if (action === "fault" && name) return (await hub().setFault(name, !values.off)).faults;
      if (action !== "status") {
        const reason = "demo takes status, or fault NAME [--off]";
        throw new OpsError(CLI_ERRORS.usage, { reason, command: "demo" });
      }
      return (await hub().status()).demo?.faults ?? [];
    }
  },
};
