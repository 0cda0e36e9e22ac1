import type { QueryAnswer } from "@hms-ops/model";
import { formatSampleValue, writeQueryAnswer } from "@hms-ops/wire/prometheus-api";
import { type AnswerTable, answerTable } from "./answer-table.ts";
import type { AnswerFormat } from "./calls.ts";

/** Texts are joined piece by piece: one long string would be copied again and again. */
const ROWS_PER_PIECE = 10_000;

/** A query's answer as the caller reads it. */
export async function answerBytes(
  answer: QueryAnswer,
  format: AnswerFormat,
  withStats: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  if (format === "csv") return csvBytes(answerTable(answer));
  if (format === "arrow") return await arrowBytes(answerTable(answer));
  return writeQueryAnswer(answer, withStats);
}

/** A column a label, then time and value; RFC 4180. */
function csvBytes(table: AnswerTable): Uint8Array<ArrayBuffer> {
  const { labels, timesMs, values, histogramCounts, text } = table;
  const texts = labels.map(({ values: all }) => all.map(csvCell));
  const head = [
    ...labels.map(({ name }) => csvCell(name)),
    "time",
    "value",
    ...(histogramCounts ? ["histogram_count"] : []),
  ];
  const pieces: Buffer[] = [];
  let lines = [head.join(",")];
  for (let row = 0; row < timesMs.length; row++) {
    const cells = labels.map(({ places }, i) => texts[i]?.[places[row] ?? 0] ?? "");
    const value = text === undefined ? formatSampleValue(values[row] ?? Number.NaN) : csvCell(text);
    cells.push(timeText(timesMs[row] ?? Number.NaN), value);
    if (histogramCounts) cells.push(countText(histogramCounts[row]));
    lines.push(cells.join(","));
    if (lines.length >= ROWS_PER_PIECE) {
      pieces.push(Buffer.from(`${lines.join("\r\n")}\r\n`));
      lines = [];
    }
  }
  if (lines.length > 0) pieces.push(Buffer.from(`${lines.join("\r\n")}\r\n`));
  return new Uint8Array(Buffer.concat(pieces));
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
