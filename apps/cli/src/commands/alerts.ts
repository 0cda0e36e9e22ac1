import type { ActiveAlert } from "@hms-ops/client";
import { formatSampleValue } from "@hms-ops/wire/prometheus-api";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatAge, formatJson, formatTable } from "../output.ts";

export const alerts: Command = {
  usage: "",
  examples: [
    "hms-ops alerts",
    "hms-ops alerts --firing",
    "hms-ops alerts --check || echo not well",
  ],
  flags: {
    "--firing": "leave out what is only pending",
    "--check": "exit with 3 when something fires",
  },
  options: { firing: { type: "boolean" }, check: { type: "boolean" } },
  words: [0, 0],
  run: async ({ values, terminal, hub }) => {
    const all = await hub().alerts();
    const shown = values.firing ? all.filter(({ state }) => state === "firing") : all;
    terminal.data(values.output === "json" ? formatJson({ alerts: shown }) : table(shown));
    const fires = all.some(({ state }) => state === "firing");
    return values.check && fires ? EXIT.findings : EXIT.ok;
  },
};

function table(shown: readonly ActiveAlert[]): string {
  if (shown.length === 0) return "nothing fires, nothing is pending\n";
  const nowMs = Date.now();
  const rows = shown.map(({ labels, annotations, state, activeAtMs, firedAtMs, value }) => [
    labels.alertname ?? "",
    state,
    labels.severity ?? "",
    formatAge(nowMs - (firedAtMs ?? activeAtMs)),
    formatSampleValue(value),
    annotations.summary ?? "",
  ]);
  return formatTable(["alert", "state", "severity", "since", "value", "summary"], rows);
}
