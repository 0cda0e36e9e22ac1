import { analyzeStore, type StoreAnalysis } from "@hms-ops/stores/tsdb/tools";
import { type Command, textOf } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatJson, formatTable } from "../../output.ts";
import { formatBytes, formatCount, formatRange } from "./amounts.ts";
import { withStore } from "./data-folder.ts";
import { ELSE_FOUND, findStore } from "./find-store.ts";
import { readFolder, readWhole } from "./flags.ts";
import { toolContext } from "./tool-context.ts";

const ROWS = 10;

export const analyze: Command = {
  usage: "[FOLDER]",
  examples: ["hms-ops tsdb analyze", "hms-ops tsdb analyze /backup/ops --limit 20"],
  flags: {
    FOLDER: `a data folder or a backup; ${ELSE_FOUND}. Beside a running hub a snapshot is read`,
    "--data-dir FOLDER": "the same, as other commands have it",
    "--limit 10": "rows of each list",
  },
  options: { "data-dir": { type: "string" }, limit: { type: "string" } },
  words: [0, 1],
  run: async (call) => {
    const { words, values, terminal } = call;
    const limit = readWhole("tsdb analyze", "--limit", textOf(values.limit), ROWS);
    const place = await findStore(call, readFolder("tsdb analyze", words, values));
    const found = await withStore(call, place, ({ storeFolder }) =>
      analyzeStore(storeFolder, toolContext(), limit),
    );
    const damagedBlocks = Object.fromEntries(found.damagedBlocks);
    terminal.data(values.output === "json" ? formatJson({ ...found, damagedBlocks }) : text(found));
    for (const [name, problem] of found.damagedBlocks) {
      terminal.say(`${name} is damaged and not counted: ${problem}\n`);
    }
    return found.damagedBlocks.size > 0 ? EXIT.findings : EXIT.ok;
  },
};

function text(found: StoreAnalysis): string {
  const list = (title: string, rows: StoreAnalysis["seriesByMetric"], unit: string) =>
    formatTable(
      [title, unit],
      rows.map(({ name, value }) => [name, formatCount(value)]),
    );
  const churn = found.churn.map(({ name, series, createdDay, endedDay }) => [
    name,
    formatCount(series),
    formatCount(createdDay),
    formatCount(endedDay),
  ]);
  const sections = [
    `${formatCount(found.seriesCount)} series, ${formatRange(found.range)}\n`,
    list("metric", found.seriesByMetric, "series"),
    list("label", found.valuesByLabel, "values"),
    list("label", found.seriesByLabel, "series"),
    list("label=value", found.seriesByPair, "series"),
    ...(churn.length > 0
      ? [formatTable(["metric, last day", "alive", "began", "ended"], churn)]
      : []),
    ...found.blocks.map(codecTable),
  ];
  return sections.join("\n");
}

function codecTable({ name, values, times, ...sizes }: StoreAnalysis["blocks"][number]): string {
  const unpacked = values.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
  const rows = values.map(({ codec, chunks, unpackedBytes }) => [
    codec,
    formatCount(chunks),
    formatBytes(unpackedBytes),
    `${((100 * unpackedBytes) / Math.max(1, unpacked)).toFixed(1)} %`,
  ]);
  const { valueBytes, timeBytes, indexBytes } = sizes;
  const stored = `values ${formatBytes(valueBytes)}, times ${formatBytes(timeBytes)} (${formatCount(times.chunks)} columns), index ${formatBytes(indexBytes)}`;
  return `${formatTable([name, "chunks", "before zstd", "share"], rows)}on disk: ${stored}\n`;
}
