import { chmodSync, copyFileSync, existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type BackupReport, backupStore, pruneBackups } from "@hms-ops/stores/tsdb/tools";
import { type Command, textOf } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson } from "../../output.ts";
import { formatBytes, formatCount } from "./amounts.ts";
import { expectOutsideData, withTarget } from "./backup-target.ts";
import { type StoreToRead, withStore } from "./data-folder.ts";
import { copyDocuments, documentsFile } from "./documents.ts";
import { ELSE_FOUND, findStore } from "./find-store.ts";
import { readWhole } from "./flags.ts";

const NAME = "tsdb backup";

export const backup: Command = {
  usage: "TO",
  examples: [
    "hms-ops tsdb backup /backup/ops",
    "hms-ops tsdb backup /backup/ops --data-dir /var/lib/hms-ops-data --keep 14",
  ],
  flags: {
    TO: "a folder of backups; each run adds one, named by its time",
    "--data-dir FOLDER": `of what; ${ELSE_FOUND}. Of a running hub its snapshot is taken`,
    "--keep N": "keep the newest N good backups, remove what is older, and say which",
    "--link": "second names instead of copies: instant, but no help when the disk is lost",
    "what is in it": "samples and documents (alert state, uploaded rules); blocks that the backup",
    "": "before has are not copied again; each copy is read back, each new block checked",
  },
  options: {
    "data-dir": { type: "string" },
    keep: { type: "string" },
    link: { type: "boolean" },
  },
  words: [1, 1],
  run: async (call) => {
    const { words, values, terminal } = call;
    const toFolder = resolve(words[0] ?? "");
    const keep = readWhole(NAME, "--keep", textOf(values.keep), Number.POSITIVE_INFINITY);
    const place = await findStore(call, textOf(values["data-dir"]));
    expectOutsideData(toFolder, place);
    const makeBackup = async ({ storeFolder }: StoreToRead) => {
      const takenAtMs = Date.now();
      return await backupStore({
        storeFolder,
        toFolder,
        name: nameOf(takenAtMs),
        takenAtMs,
        isLinked: values.link === true,
        addMore: (folder) => addDocuments(place.dataFolder, folder),
      });
    };
    const report = await withStore(call, place, async (store) => {
      return await withTarget(toFolder, () => makeBackup(store));
    });
    const removed = Number.isFinite(keep) ? await pruneBackups(toFolder, keep) : [];
    if (values.output === "json") terminal.data(formatJson({ ...report, removed }));
    else terminal.data(text(report, removed));
    return report.damaged.length > 0 || report.isEmpty ? EXIT.findings : EXIT.ok;
  },
};

/** `20261121T083000.123Z`: sorts by time. */
function nameOf(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/[-:]/g, "");
}

async function addDocuments(dataFolder: string, folder: string): Promise<readonly string[]> {
  chmodSync(folder, 0o700);
  const names: string[] = [];
  const meta = join(dataFolder, "meta.json");
  if (existsSync(meta)) {
    copyFileSync(meta, join(folder, "meta.json"));
    names.push("meta.json");
  }
  const documents = documentsFile(dataFolder);
  if (existsSync(documents)) names.push(await copyDocuments(documents, folder));
  for (const name of names) {
    const file = await open(join(folder, name), "r+");
    await file.sync();
    await file.close();
  }
  return names;
}

function text(report: BackupReport, removed: readonly string[]): string {
  const { folder, blocks, unchangedBlocks, samples, sizeBytes, copiedBytes, damaged } = report;
  const lines = [
    folder,
    `${formatCount(samples)} samples in ${blocks} blocks, ${formatBytes(sizeBytes)}; ${unchangedBlocks} blocks unchanged, ${formatBytes(copiedBytes)} copied`,
    ...(report.isEmpty ? ["The store is EMPTY: it holds neither a block nor a WAL"] : []),
    ...removed.map((name) => `removed the older backup ${name}`),
    ...report.unfinished.map(
      (name) => `${name} was cut short, or is under way elsewhere: remove it if it is not`,
    ),
    ...damaged.map(
      ({ name, problems }) => `DAMAGED at its source: ${name}: ${problems.join("; ")}`,
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
