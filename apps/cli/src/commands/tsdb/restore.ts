import { chmodSync } from "node:fs";
import { resolve } from "node:path";
import { type DamagedBlock, restoreBackup } from "@hms-ops/stores/tsdb/tools";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson, formatTime } from "../../output.ts";
import { formatBytes, formatCount } from "./amounts.ts";

export const restore: Command = {
  usage: "FROM TO",
  examples: [
    "hms-ops tsdb restore /backup/ops ./hms-ops-data",
    "hms-ops tsdb restore /backup/ops/20261121T083000.123Z /tmp/look && hms-ops up --data-dir /tmp/look",
  ],
  flags: {
    FROM: "one backup, or a folder of backups: its newest. All of it is checked first",
    TO: "a data folder that is empty or not there yet; nothing is ever written over",
  },
  options: {},
  words: [2, 2],
  run: async ({ words, values, terminal }) => {
    const [from = "", to = ""] = words;
    const folder = resolve(to);
    const report = await restoreBackup(resolve(from), folder);
    chmodSync(folder, 0o700);
    if (values.output === "json") terminal.data(formatJson({ ...report, folder }));
    else {
      const { takenAtMs, files, sizeBytes } = report;
      const amount = `${files} files, ${formatBytes(sizeBytes)}, ${formatCount(report.samples)} samples in blocks`;
      terminal.data(`${folder}: ${amount}, as of ${formatTime(takenAtMs)}\n`);
      if (report.isEmpty) terminal.data("The backup is EMPTY: it holds no samples.\n");
      for (const block of report.damaged) terminal.data(damageLine(block));
      terminal.say(`Start a hub on it: hms-ops up --data-dir ${to}\n`);
    }
    return report.isEmpty || report.damaged.length > 0 ? EXIT.findings : EXIT.ok;
  },
};

function damageLine({ name, problems, wholeSamples, samples }: DamagedBlock): string {
  const of = samples === undefined ? "" : ` of ${formatCount(samples)}`;
  const amount = `${formatCount(wholeSamples)}${of} samples can be read`;
  return `DAMAGED before it was backed up: ${name}: ${amount}: ${problems.join("; ")}\n`;
}
