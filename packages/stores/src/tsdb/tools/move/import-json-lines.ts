import type { NativeHistogram } from "@hms-ops/model";
import {
  ImportBatches,
  type ImportProgress,
  type ImportReport,
  type ImportSink,
} from "./import-batches.ts";
import { type JsonLine, readJsonLine } from "./json-lines.ts";
import { linePieces } from "./text-pieces.ts";

const PIECE_BYTES = 1024 * 1024;

/**
 * Imports JSON lines as `exportStore` writes them, or as VictoriaMetrics exports them. Lines that
 * cannot be read are told by number and left out. Repeating it changes nothing.
 */
export async function importJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  sink: ImportSink,
  progress: ImportProgress,
): Promise<ImportReport> {
  const batches = new ImportBatches(sink);
  const decoder = new TextDecoder();
  let line = 0;
  for await (const piece of linePieces(chunks, PIECE_BYTES)) {
    const lines = decoder.decode(piece).split("\n");
    if (lines.at(-1) === "") lines.pop();
    for (const text of lines) {
      line++;
      if (text.trim() === "") continue;
      const read = readJsonLine(text);
      if (typeof read === "string") batches.problem(`line ${line}: ${read}`);
      else await addLine(batches, read);
    }
    await batches.flush();
    progress(batches, `line ${line}`);
  }
  return batches;
}

async function addLine(batches: ImportBatches, line: JsonLine): Promise<void> {
  batches.series(line.labels);
  const floats: { timesMs: number[]; values: number[]; stale: number[] } = {
    timesMs: [],
    values: [],
    stale: [],
  };
  const histograms: { timesMs: number[]; values: NativeHistogram[] } = { timesMs: [], values: [] };
  line.values.forEach((value, row) => {
    const timeMs = line.timesMs[row]!;
    if (typeof value === "object") {
      histograms.timesMs.push(timeMs);
      histograms.values.push(value);
      return;
    }
    floats.timesMs.push(timeMs);
    floats.values.push(value === "stale" ? Number.NaN : value);
    floats.stale.push(value === "stale" ? 1 : 0);
  });
  await batches.floats(floats.timesMs, floats.values, floats.stale, takeAll);
  await batches.histograms(histograms.timesMs, histograms.values, takeAll);
}

function takeAll(): boolean {
  return false;
}
