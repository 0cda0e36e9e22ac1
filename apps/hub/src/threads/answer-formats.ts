import type { QueryAnswer } from "@hms-ops/model";
import { formatSampleValue, queryAnswerPieces } from "@hms-ops/wire/prometheus-api";
import { ANSWER_PIECE_BYTES } from "../limits.ts";
import { type AnswerTable, answerTable } from "./answer-table.ts";
import type { AnswerFormat } from "./calls.ts";

const encoder = new TextEncoder();

type Pieces = Iterator<Uint8Array<ArrayBuffer>, void>;

/** A query's answer as the caller reads it, in pieces of ANSWER_PIECE_BYTES and a last one. */
export async function answerPieces(
  answer: QueryAnswer,
  format: AnswerFormat,
  withStats: boolean,
): Promise<Pieces> {
  if (format === "csv") return csvPieces(answerTable(answer));
  if (format === "arrow") return cut(await arrowBytes(answerTable(answer)));
  return queryAnswerPieces(answer, withStats, ANSWER_PIECE_BYTES);
}

function* cut(whole: Uint8Array): Generator<Uint8Array<ArrayBuffer>, void> {
  for (let at = 0; at < whole.length; at += ANSWER_PIECE_BYTES) {
    yield whole.slice(at, at + ANSWER_PIECE_BYTES);
  }
}

/** A column a label, then time and value; RFC 4180. */
function* csvPieces(table: AnswerTable): Generator<Uint8Array<ArrayBuffer>, void> {
  const { labels, timesMs, values, histogramCounts, text } = table;
  const texts = labels.map(({ values: all }) => all.map(csvCell));
  const counts = histogramCounts ? ["histogram_count"] : [];
  const head = [...labels.map(({ name }) => csvCell(name)), "time", "value", ...counts];
  let lines = `${head.join(",")}\r\n`;
  for (let row = 0; row < timesMs.length; row++) {
    const cells = labels.map(({ places }, i) => texts[i]?.[places[row] ?? 0] ?? "");
    const value = text === undefined ? formatSampleValue(values[row] ?? Number.NaN) : csvCell(text);
    cells.push(timeText(timesMs[row] ?? Number.NaN), value);
    if (histogramCounts) cells.push(countText(histogramCounts[row]));
    lines += `${cells.join(",")}\r\n`;
    if (lines.length < ANSWER_PIECE_BYTES) continue;
    yield encoder.encode(lines);
    lines = "";
  }
  yield encoder.encode(lines);
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 3339; beyond what a date can say, seconds. */
function timeText(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? String(timeMs / 1_000) : date.toISOString();
}

function countText(count = Number.NaN): string {
  return Number.isNaN(count) ? "" : formatSampleValue(count);
}

/** An IPC stream: labels as dictionaries of texts, time in milliseconds of UTC, value as double. */
async function arrowBytes(table: AnswerTable): Promise<Uint8Array<ArrayBuffer>> {
  const arrow = await import("apache-arrow");
  const { labels, timesMs, values, histogramCounts, text } = table;
  const columns = Object.fromEntries(
    labels.map(({ name, values: texts, places }) => {
      const dictionary = arrow.vectorFromArray([...texts], new arrow.Utf8());
      const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
      return [name, arrow.makeVector(arrow.makeData({ type, data: places, dictionary }))];
    }),
  );
  const times = BigInt64Array.from(timesMs, (timeMs) => BigInt(Math.round(timeMs)));
  const timeType = new arrow.TimestampMillisecond("UTC");
  const whole = new arrow.Table({
    ...columns,
    time: arrow.makeVector(arrow.makeData({ type: timeType, data: times })),
    value:
      text === undefined
        ? arrow.makeVector(values)
        : arrow.vectorFromArray([text], new arrow.Utf8()),
    ...(histogramCounts && { histogram_count: arrow.makeVector(histogramCounts) }),
  });
  return new Uint8Array(arrow.tableToIPC(whole, "stream"));
}
