import { inspectStore, type StoreInventory } from "@hms-ops/stores/tsdb/tools";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson, formatTable, formatTime } from "../../output.ts";
import { formatBytes, formatCount, formatRange, perSample } from "./amounts.ts";
import { tryLock } from "./data-folder.ts";
import { ELSE_FOUND, findStore } from "./find-store.ts";
import { readFolder } from "./flags.ts";
import { toolContext } from "./tool-context.ts";

export const inspect: Command = {
  usage: "[FOLDER]",
  examples: [
    "hms-ops tsdb inspect",
    "hms-ops tsdb inspect /var/lib/hms-ops-data",
    "hms-ops tsdb inspect /backup/ops -o json",
  ],
  flags: {
    FOLDER: `a data folder or a backup; ${ELSE_FOUND}. Nothing is changed`,
    "--data-dir FOLDER": "the same, as other commands have it",
  },
  options: { "data-dir": { type: "string" } },
  words: [0, 1],
  run: async (call) => {
    const { words, values, terminal } = call;
    const place = await findStore(call, readFolder("tsdb inspect", words, values));
    const lock = tryLock(place);
    try {
      const isInUse = lock === undefined;
      const found = await inspectStore(place.storeFolder, toolContext(), { isInUse });
      terminal.data(values.output === "json" ? formatJson(json(found)) : table(found));
      if (isInUse)
        terminal.say("A hub runs on it: what only its memory and WAL hold is not read.\n");
    } finally {
      lock?.release();
    }
    return EXIT.ok;
  },
};

function json({ blocks, ...rest }: StoreInventory): object {
  return {
    blocks: blocks.map(({ name, meta, problem, sizeBytes, tombstones }) => ({
      name,
      sizeBytes,
      problem,
      hasTombstones: tombstones !== undefined,
      ...(meta && {
        fromMs: meta.fromMs,
        toMs: meta.toMs,
        level: meta.level,
        seriesCount: meta.seriesCount,
        sampleCount: meta.sampleCount,
        histogramCount: meta.histogramCount,
      }),
    })),
    ...rest,
  };
}

function table({ blocks, aside, snapshots, wal, head }: StoreInventory): string {
  const rows = blocks.map(({ name, meta, problem, sizeBytes, tombstones }) =>
    meta
      ? [
          name,
          formatTime(meta.fromMs),
          formatTime(meta.toMs),
          String(meta.level),
          formatCount(meta.seriesCount),
          formatCount(meta.sampleCount),
          formatBytes(sizeBytes),
          perSample(sizeBytes, meta.sampleCount),
          tombstones ? "deletions" : "",
        ]
      : [name, "", "", "", "", "", formatBytes(sizeBytes), "", `damaged: ${problem}`],
  );
  const titles = ["block", "from", "to", "level", "series", "samples", "size", "bytes/sample", ""];
  const samples = blocks.reduce((sum, { meta }) => sum + (meta?.sampleCount ?? 0), 0);
  const sizeBytes = blocks.reduce((sum, block) => sum + block.sizeBytes, 0);
  const each = samples > 0 ? `, ${perSample(sizeBytes, samples)} bytes/sample` : "";
  const lines = [
    `blocks  ${blocks.length}: ${formatCount(samples)} samples, ${formatBytes(sizeBytes)}${each}`,
    `WAL     ${wal.segments} segments, ${formatBytes(wal.sizeBytes)}`,
    ...(head
      ? [
          `head    ${formatCount(head.sampleCount)} samples of ${formatCount(head.seriesCount)} series, ${formatRange(head.range)}`,
        ]
      : []),
    ...(snapshots.length > 0
      ? [
          `kept    ${snapshots.length} snapshots below tsdb/snapshots/; remove those you do not need`,
        ]
      : []),
    ...(aside.length > 0 ? [`aside   ${aside.join(", ")} (hms-ops tsdb repair)`] : []),
  ];
  const blockTable = rows.length > 0 ? `${formatTable(titles, rows)}\n` : "";
  return blockTable + lines.map((line) => `${line}\n`).join("");
}
