import { type RepairReport, repairStore } from "@hms-ops/stores/tsdb/tools";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson } from "../../output.ts";
import { formatBytes, formatCount } from "./amounts.ts";
import { DEFAULT_FOLDER, findPlace, lockForWriting } from "./data-folder.ts";
import { toolContext } from "./tool-context.ts";

export const repair: Command = {
  usage: "[FOLDER]",
  examples: ["hms-ops tsdb repair --dry-run", "hms-ops tsdb repair"],
  flags: {
    FOLDER: `the data folder of a hub that is stopped; else ./${DEFAULT_FOLDER}`,
    "--dry-run": "say what would be done, change nothing",
    "what it does": "damaged blocks go to tsdb/aside/, what can be read of them into new blocks;",
    "": "a torn end of the WAL is cut, damage inside it kept in tsdb/wal/aside/",
  },
  options: { "dry-run": { type: "boolean" } },
  words: [0, 1],
  run: async ({ words, values, terminal }) => {
    const place = await findPlace(words[0] ?? DEFAULT_FOLDER);
    const lock = lockForWriting(place);
    try {
      const isDryRun = values["dry-run"] === true;
      const report = await repairStore(place.storeFolder, toolContext(), { isDryRun });
      terminal.data(values.output === "json" ? formatJson(report) : text(report, isDryRun));
    } finally {
      lock.release();
    }
    return EXIT.ok;
  },
};

function text({ setAside, salvages, recovery, changes }: RepairReport, isDryRun: boolean): string {
  const would = isDryRun ? "would be " : "";
  const lines: string[] = [];
  for (const { name, problems } of setAside) {
    // A companion is `<block>/<file>`.
    const fate = name.includes("/") ? "removed, the hub makes it again" : "set aside";
    lines.push(`${name} ${would}${fate}: ${problems.join("; ")}`);
  }
  for (const { name, savedSamples, hadSamples } of salvages) {
    const had = hadSamples === undefined ? "" : ` of ${formatCount(hadSamples)}`;
    lines.push(`${name}: ${formatCount(savedSamples)}${had} samples ${would}saved to a new block`);
  }
  const { tornTails, damagedStretches, damagedBytes } = recovery;
  if (tornTails > 0) lines.push(`the torn end of the WAL ${would}cut off`);
  if (damagedStretches > 0) {
    const amount = `${damagedStretches} damaged stretches (${formatBytes(damagedBytes)})`;
    lines.push(`${amount} of the WAL ${would}kept in wal/aside/`);
  }
  if (lines.length === 0) lines.push("Nothing is damaged.");
  for (const change of changes) lines.push(`would ${change}`);
  return lines.map((line) => `${line}\n`).join("");
}
