import type { HubStatus } from "@hms-ops/wire/api";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatAge, formatJson } from "../output.ts";

export const status: Command = {
  usage: "",
  examples: ["hms-ops status", "hms-ops status -o json"],
  flags: {},
  options: {},
  words: [0, 0],
  run: async ({ values, terminal, hub }) => {
    const found = await hub().status();
    terminal.data(values.output === "json" ? formatJson(found) : format(found));
    return EXIT.ok;
  },
};

function format({ hub, nowMs, ingest, alerts, demo, refusals }: HubStatus): string {
  const last =
    ingest.lastSampleMs === null ? "none yet" : `${formatAge(nowMs - ingest.lastSampleMs)} ago`;
  const steady = alerts.oldestCritical
    ? `critical: ${alerts.oldestCritical.name} for ${formatAge(nowMs - alerts.oldestCritical.sinceMs)}`
    : "nothing critical";
  const faults = demo?.faults.filter(({ on }) => on).map(({ name }) => name) ?? [];
  const lines = [
    `hub      ${hub.name} ${hub.version}, pid ${hub.pid}, up ${formatAge(nowMs - hub.startedAtMs)}`,
    `page     ${hub.url}`,
    `data     ${hub.dataDir}`,
    `ingest   ${ingest.state}${ingest.reason ? ` (${ingest.reason})` : ""}`,
    `series   ${ingest.seriesCount}, ${ingest.samplesPerSecond.toFixed(1)} samples/s, last ${last}`,
    `alerts   ${alerts.firing} firing, ${alerts.pending} pending; ${steady}`,
    ...(demo
      ? [`demo     ${faults.length > 0 ? `fault on: ${faults.join(", ")}` : "no fault on"}`]
      : []),
    ...refusals.map(({ part, reason }) => `refused  ${part}: ${reason}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
