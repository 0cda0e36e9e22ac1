import { type RepairReport, repairStore, type Salvage } from "@hms-ops/stores/tsdb/tools";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson } from "../../output.ts";
import { formatBytes, formatCount } from "./amounts.ts";
import { DEFAULT_FOLDER, findPlace, lockForWriting } from "./data-folder.ts";
import { readFolder } from "./flags.ts";
import { toolContext } from "./tool-context.ts";

export const repair: Command = {
  usage: "[FOLDER]",
  examples: ["hms-ops tsdb repair --dry-run", "hms-ops tsdb repair"],
  flags: {
    FOLDER: `the data folder of a hub that is stopped; else ./${DEFAULT_FOLDER}`,
    "--data-dir FOLDER": "the same, as other commands have it",
    "--dry-run": "say what would be done, change nothing",
    "what it does": "damaged blocks go to tsdb/aside/, what can be read of them into new blocks;",
    "": "a torn end of the WAL is cut, damage inside it kept in tsdb/wal/aside/",
  },
  options: { "data-dir": { type: "string" }, "dry-run": { type: "boolean" } },
  words: [0, 1],
  run: async ({ words, values, terminal }) => {
    const place = await findPlace(readFolder("tsdb repair", words, values) ?? DEFAULT_FOLDER);
    const lock = await lockForWriting(place);
    try {
      const isDryRun = values["dry-run"] === true;
      const report = await repairStore(place.storeFolder, toolContext(), { isDryRun });
      terminal.data(values.output === "json" ? formatJson(report) : text(report, isDryRun));
      return isAllSaved(report) ? EXIT.ok : EXIT.findings;
    } finally {
      lock.release();
    }
  },
};

function isAllSaved({ salvages, recovery }: RepairReport): boolean {
  const { damagedStretches, orphanedRows } = recovery;
  return damagedStretches + orphanedRows === 0 && !salvages.some(isLossy);
}

function isLossy({ savedSamples, hadSamples }: Salvage): boolean {
  return hadSamples === undefined || savedSamples < hadSamples;
}

function lossLine({ name, savedSamples, hadSamples, hasDeletions }: Salvage, isDryRun: boolean) {
  const verb = isDryRun ? "would be" : "are";
  const kept = "its bytes stay in aside/";
  if (hadSamples === undefined) {
    return `LOST: ${name} does not say how many samples it had; all but ${formatCount(savedSamples)} ${verb} lost; ${kept}`;
  }
  const amount = `${formatCount(hadSamples - savedSamples)} of ${formatCount(hadSamples)} samples`;
  const deleted = hasDeletions ? ", deleted ones among them" : "";
  return `LOST: ${amount} of ${name} ${verb} lost${deleted}; ${kept}`;
}

function text({ setAside, salvages, recovery, changes }: RepairReport, isDryRun: boolean): string {
  const would = isDryRun ? "would be " : "";
  const lines: string[] = [];
  for (const { name, problems } of setAside) {
    // A companion is `<block>/<file>`.
    const fate = name.includes("/") ? "removed, the hub makes it again" : "set aside";
    lines.push(`${name} ${would}${fate}: ${problems.join("; ")}`);
  }
  for (const salvage of salvages) {
    const { name, savedSamples, hadSamples } = salvage;
    const had = hadSamples === undefined ? "" : ` of ${formatCount(hadSamples)}`;
    lines.push(`${name}: ${formatCount(savedSamples)}${had} samples ${would}saved to a new block`);
    if (isLossy(salvage)) lines.push(lossLine(salvage, isDryRun));
  }
  const { tornTails, damagedStretches, damagedBytes, orphanedRows } = recovery;
  if (tornTails > 0) lines.push(`the torn end of the WAL ${would}cut off`);
  if (damagedStretches > 0) {
    const amount = `${damagedStretches} damaged stretches (${formatBytes(damagedBytes)})`;
    lines.push(`${amount} of the WAL ${would}kept in wal/aside/`);
  }
  if (orphanedRows > 0) {
    const verb = isDryRun ? "would be" : "are";
    lines.push(
      `LOST: ${formatCount(orphanedRows)} samples of the WAL ${verb} lost with their series`,
    );
  }
  if (lines.length === 0) lines.push("Nothing is damaged.");
  for (const change of changes) lines.push(`would ${change}`);
  return lines.map((line) => `${line}\n`).join("");
}
