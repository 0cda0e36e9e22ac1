import { existsSync } from "node:fs";
import { describeBackup, type StoreVerdict, verifyStore } from "@hms-ops/stores/tsdb/tools";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson } from "../../output.ts";
import { formatBytes, formatCount } from "./amounts.ts";
import { withStore } from "./data-folder.ts";
import { checkDocuments, documentsFile } from "./documents.ts";
import { ELSE_FOUND, findStore } from "./find-store.ts";
import { readFolder } from "./flags.ts";
import { toolContext } from "./tool-context.ts";

export const verify: Command = {
  usage: "[FOLDER]",
  examples: ["hms-ops tsdb verify", "hms-ops tsdb verify /backup/ops && echo whole"],
  flags: {
    FOLDER: `a data folder or a backup; ${ELSE_FOUND}. Every series and sample is read`,
    "--data-dir FOLDER": "the same, as other commands have it",
    "beside a hub": "a snapshot is read, which holds all blocks; the WAL is checked at each start",
  },
  options: { "data-dir": { type: "string" } },
  words: [0, 1],
  run: async (call) => {
    const { words, values, terminal } = call;
    const place = await findStore(call, readFolder("tsdb verify", words, values));
    const isJson = values.output === "json";
    const { isSnapshot, verdict } = await withStore(call, place, async (store) => ({
      ...store,
      verdict: await verifyStore(
        store.storeFolder,
        toolContext(),
        (block) => {
          if (!isJson) terminal.data(blockLine(block));
        },
        place.storeFolder,
      ),
    }));
    const documents = documentsFile(place.dataFolder);
    const problem = existsSync(documents) ? checkDocuments(documents) : "";
    const isWhole = verdict.isWhole && problem === "";
    const isEmpty = (await describeBackup(place.dataFolder))?.isEmpty === true;
    if (isJson) {
      const told = { ...verdict, isWhole, isEmpty, documents: problem || "whole" };
      terminal.data(formatJson(told));
    } else {
      for (const block of verdict.aside) terminal.data(asideLine(block));
      if (!isSnapshot) terminal.data(walLine(verdict));
      if (existsSync(documents)) terminal.data(`documents: ${problem || "whole"}\n`);
      if (isEmpty) terminal.data("The backup is EMPTY: it holds no samples.\n");
      else
        terminal.data(
          isWhole ? "All is whole.\n" : "There is damage: hms-ops tsdb repair --dry-run\n",
        );
    }
    return isWhole && !isEmpty ? EXIT.ok : EXIT.findings;
  },
};

function blockLine({ name, problems, sampleCount, sizeBytes }: StoreVerdict["blocks"][number]) {
  const amount = `${formatCount(sampleCount)} samples, ${formatBytes(sizeBytes)}`;
  const told = problems.map((problem) => `  ${problem}\n`).join("");
  return `${name}: ${problems.length === 0 ? "whole" : "DAMAGED"}, ${amount}\n${told}`;
}

function asideLine({ name, samples }: StoreVerdict["aside"][number]): string {
  const amount = samples === undefined ? "its samples" : `${formatCount(samples)} samples`;
  return `aside/${name}: DAMAGED and set aside, ${amount} are missing until a repair\n`;
}

function walLine({ wal }: StoreVerdict): string {
  const { segments, samples, tornTails, damagedStretches, damagedBytes, orphanedRows } = wal;
  const torn = tornTails > 0 ? "; its end is torn, which a start cuts off" : "";
  const damage =
    damagedStretches > 0
      ? `; DAMAGED: ${damagedStretches} stretches, ${formatBytes(damagedBytes)}, ${formatCount(orphanedRows)} samples without a series`
      : "";
  return `WAL: ${segments} segments, ${formatCount(samples)} samples${torn}${damage}\n`;
}
