import { bug, type Labels } from "@hms-ops/model";
import { TextScratch } from "../index/text-scratch.ts";

/**
 * What a WAL record of this store holds; drawn in docs/formats/wal.md. Words of 32 bits, little
 * endian, texts as length and UTF-8 bytes padded to whole words.
 */
export const DEFINITIONS_RECORD = 1;
export const SAMPLES_RECORD = 2;
export const DELETION_RECORD = 3;

const decoder = new TextDecoder();

/** Grows; words and doubles at any whole word. */
export class RecordWriter {
  #bytes = new Uint8Array(4_096);
  #words = new Uint32Array(this.#bytes.buffer);
  #at = 0;
  readonly #scratch = new TextScratch();
  readonly #cell = new Float64Array(1);
  readonly #cellWords = new Uint32Array(this.#cell.buffer);

  /** Starts over; what was taken before stays valid. */
  reset(): void {
    this.#at = 0;
  }

  get isEmpty(): boolean {
    return this.#at === 0;
  }

  word(value: number): number {
    this.#reserve(1);
    this.#words[this.#at] = value;
    return this.#at++;
  }

  patch(at: number, value: number): void {
    this.#words[at] = value;
  }

  double(value: number): void {
    this.#cell[0] = value;
    this.word(this.#cellWords[0]!);
    this.word(this.#cellWords[1]!);
  }

  text(text: string): void {
    const lengthAt = this.word(0);
    this.#reserve(Math.ceil((text.length * 3) / 4));
    const written = this.#scratch.encode(text);
    const start = this.#at * 4;
    const { bytes } = this.#scratch;
    for (let i = 0; i < written; i++) this.#bytes[start + i] = bytes[i]!;
    this.#words[lengthAt] = written;
    this.#at = Math.ceil((start + written) / 4);
    this.#bytes.fill(0, start + written, this.#at * 4);
  }

  /** As a text: length, bytes, padding. */
  bytes(bytes: Uint8Array): void {
    this.word(bytes.length);
    this.#reserve(Math.ceil(bytes.length / 4));
    const start = this.#at * 4;
    this.#bytes.set(bytes, start);
    this.#at = Math.ceil((start + bytes.length) / 4);
    this.#bytes.fill(0, start + bytes.length, this.#at * 4);
  }

  /** `count` cells of a width, padded to whole words, for the caller to fill. */
  cells(count: number, width: 1 | 2 | 4): Uint8Array | Uint16Array | Uint32Array {
    const words = Math.ceil((count * width) / 4);
    this.#reserve(words);
    this.#words.fill(0, this.#at, this.#at + words);
    const from = this.#at * 4;
    this.#at += words;
    const { buffer } = this.#bytes;
    if (width === 1) return new Uint8Array(buffer, from, count);
    return width === 2
      ? new Uint16Array(buffer, from, count)
      : new Uint32Array(buffer, from, count);
  }

  /** Not a copy: it is nothing any more after the next reset. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at * 4);
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#at * 4);
  }

  #reserve(words: number): void {
    const needed = (this.#at + words) * 4;
    if (needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.ceil(Math.max(needed, this.#bytes.length * 2) / 8) * 8);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#words = new Uint32Array(bytes.buffer);
  }
}

/** The mirror of RecordWriter. The record's checksum was right: what does not fit is a bug. */
export class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  #at = 0;
  readonly #cell = new Float64Array(1);
  readonly #cellWords = new Uint32Array(this.#cell.buffer);

  constructor(payload: Uint8Array) {
    this.#bytes = payload;
    this.#words = new Uint32Array(payload.buffer, payload.byteOffset, payload.byteLength >>> 2);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#words.length;
  }

  word(): number {
    return this.#words[this.#at++] ?? bug("a WAL record ends early");
  }

  double(): number {
    this.#cellWords[0] = this.word();
    this.#cellWords[1] = this.word();
    return this.#cell[0]!;
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  /** Not a copy. */
  bytes(): Uint8Array {
    const length = this.word();
    const from = this.#at * 4;
    this.#at += Math.ceil(length / 4);
    return this.#bytes.subarray(from, from + length);
  }

  cells(count: number, width: number): Uint8Array | Uint16Array | Uint32Array {
    const from = this.#bytes.byteOffset + this.#at * 4;
    const { buffer } = this.#bytes;
    this.#at += Math.ceil((count * width) / 4);
    if (width === 1) return new Uint8Array(buffer, from, count);
    return width === 2
      ? new Uint16Array(buffer, from, count)
      : new Uint32Array(buffer, from, count);
  }
}

/**
 * Label sets, each under the number that sample records of the same segment use. Texts stand once a
 * record, so that a record that is lost takes only its own series along.
 */
export interface Definitions {
  /** Name, value, name, value … */
  readonly pairs: readonly string[];
  readonly series: readonly SeriesDefinition[];
}

export interface SeriesDefinition {
  readonly series: number;
  /** Which of the record's pairs, in the order of their names. */
  readonly pairs: readonly number[];
}

export function writeDefinitions(to: RecordWriter, { pairs, series }: Definitions): void {
  to.word(pairs.length / 2);
  to.word(series.length);
  for (const text of pairs) to.text(text);
  for (const definition of series) {
    to.word(definition.series);
    to.word(definition.pairs.length);
    for (const pair of definition.pairs) to.word(pair);
  }
}

export function readDefinitions(
  payload: Uint8Array,
  onSeries: (series: number, labels: Labels) => void,
): void {
  const from = new RecordReader(payload);
  const pairCount = from.word();
  const seriesCount = from.word();
  const pairs = Array.from({ length: pairCount * 2 }, () => from.text());
  for (let i = 0; i < seriesCount; i++) {
    const series = from.word();
    const labels: string[] = [];
    for (let left = from.word(); left > 0; left--) {
      const pair = from.word();
      labels.push(pairs[2 * pair]!, pairs[2 * pair + 1]!);
    }
    onSeries(series, labels);
  }
}

/** A histogram as `encodeHistogram` wrote it. */
export interface StoredHistogram {
  readonly id: number;
  readonly timeMs: number;
  readonly blob: Uint8Array;
}

export interface JournalExemplar {
  readonly id: number;
  readonly timeMs: number;
  readonly value: number;
  readonly labels: Labels;
}

/** Rows of these series in the range, both ends within, are forgotten. */
export interface Deletion {
  readonly ids: Uint32Array;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The rows of a batch that were stored, as columns; staleness in the value. */
export interface StoredRows {
  readonly count: number;
  readonly ids: Uint32Array;
  readonly timesMs: Float64Array;
  /** Two words a row, low first. */
  readonly valueWords: Uint32Array;
  readonly batchId: string;
  /** Rows acknowledged, repeats of stored ones counted: said again when the batch comes again. */
  readonly accepted: number;
  readonly histograms: readonly StoredHistogram[];
  readonly exemplars: readonly JournalExemplar[];
}

export function isEmptyRecord(rows: StoredRows): boolean {
  const { count, batchId, histograms, exemplars } = rows;
  return count + histograms.length + exemplars.length === 0 && batchId === "";
}

/** Hot. Ids as differences and times as offsets, each in the fewest bytes that hold them all. */
export function writeSamples(to: RecordWriter, rows: StoredRows): void {
  const { count } = rows;
  to.text(rows.batchId);
  to.word(rows.accepted);
  to.word(count);
  if (count > 0) writeRows(to, rows);
  if (rows.histograms.length + rows.exemplars.length > 0) writeExtras(to, rows);
}

function writeExtras(to: RecordWriter, { histograms, exemplars }: StoredRows): void {
  to.word(histograms.length);
  for (const { id, timeMs, blob } of histograms) {
    to.word(id);
    to.double(timeMs);
    to.bytes(blob);
  }
  to.word(exemplars.length);
  for (const { id, timeMs, value, labels } of exemplars) {
    to.word(id);
    to.double(timeMs);
    to.double(value);
    to.word(labels.length);
    for (const text of labels) to.text(text);
  }
}

export function writeDeletion(to: RecordWriter, { ids, fromMs, toMs }: Deletion): void {
  to.double(fromMs);
  to.double(toMs);
  to.word(ids.length);
  (to.cells(ids.length, 4) as Uint32Array).set(ids);
}

export function readDeletion(payload: Uint8Array): Deletion {
  const from = new RecordReader(payload);
  const fromMs = from.double();
  const toMs = from.double();
  const ids = from.cells(from.word(), 4) as Uint32Array;
  return { fromMs, toMs, ids };
}

function writeRows(to: RecordWriter, rows: StoredRows): void {
  const { count, ids, timesMs, valueWords } = rows;
  let leastMs = timesMs[0]!;
  let greatestMs = leastMs;
  let leastStep = 0;
  let greatestStep = 0;
  for (let i = 0; i < count; i++) {
    const timeMs = timesMs[i]!;
    if (timeMs < leastMs) leastMs = timeMs;
    if (timeMs > greatestMs) greatestMs = timeMs;
    const step = ids[i]! - (i > 0 ? ids[i - 1]! : 0);
    if (step < leastStep) leastStep = step;
    if (step > greatestStep) greatestStep = step;
  }
  writeIds(to, rows, leastStep, widthOf(greatestStep - leastStep));
  writeTimes(to, rows, leastMs, greatestMs);
  (to.cells(2 * count, 4) as Uint32Array).set(valueWords.subarray(0, 2 * count));
}

function writeIds(
  to: RecordWriter,
  { count, ids }: StoredRows,
  least: number,
  width: 1 | 2 | 4,
): void {
  to.word(width);
  to.double(least);
  const cells = to.cells(count, width);
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const id = ids[i]!;
    cells[i] = id - previous - least;
    previous = id;
  }
}

/** Width 8 = doubles as they are: the times of the batch are more than 49 days apart. */
function writeTimes(
  to: RecordWriter,
  { count, timesMs }: StoredRows,
  leastMs: number,
  greatestMs: number,
): void {
  if (greatestMs - leastMs > 0xffff_ffff) {
    to.word(8);
    for (let i = 0; i < count; i++) to.double(timesMs[i]!);
    return;
  }
  const width = widthOf(greatestMs - leastMs);
  to.word(greatestMs === leastMs ? 0 : width);
  to.double(leastMs);
  if (greatestMs === leastMs) return;
  const cells = to.cells(count, width);
  for (let i = 0; i < count; i++) cells[i] = timesMs[i]! - leastMs;
}

/** Reads into columns that are re-used; `ids` are the segment's own numbers. */
export class SamplesReader implements StoredRows {
  count = 0;
  batchId = "";
  accepted = 0;
  ids = new Uint32Array(0);
  timesMs = new Float64Array(0);
  valueWords = new Uint32Array(0);
  histograms: StoredHistogram[] = [];
  exemplars: JournalExemplar[] = [];

  read(payload: Uint8Array): void {
    const from = new RecordReader(payload);
    this.batchId = from.text();
    this.accepted = from.word();
    this.count = from.word();
    if (this.count > 0) this.#readRows(from);
    this.histograms = [];
    this.exemplars = [];
    if (!from.isAtEnd) this.#readExtras(from);
  }

  #readExtras(from: RecordReader): void {
    for (let left = from.word(); left > 0; left--) {
      this.histograms.push({ id: from.word(), timeMs: from.double(), blob: from.bytes() });
    }
    for (let left = from.word(); left > 0; left--) {
      const id = from.word();
      const timeMs = from.double();
      const value = from.double();
      const labels = Array.from({ length: from.word() }, () => from.text());
      this.exemplars.push({ id, timeMs, value, labels });
    }
  }

  #readRows(from: RecordReader): void {
    if (this.count > this.ids.length) {
      this.ids = new Uint32Array(this.count);
      this.timesMs = new Float64Array(this.count);
    }
    this.#readIds(from);
    this.#readTimes(from);
    this.valueWords = from.cells(2 * this.count, 4) as Uint32Array<ArrayBuffer>;
  }

  #readIds(from: RecordReader): void {
    const width = from.word();
    const least = from.double();
    const cells = from.cells(this.count, width);
    let id = 0;
    for (let i = 0; i < this.count; i++) {
      id += cells[i]! + least;
      this.ids[i] = id;
    }
  }

  #readTimes(from: RecordReader): void {
    const width = from.word();
    if (width === 8) {
      for (let i = 0; i < this.count; i++) this.timesMs[i] = from.double();
      return;
    }
    const leastMs = from.double();
    if (width === 0) {
      this.timesMs.fill(leastMs, 0, this.count);
      return;
    }
    const cells = from.cells(this.count, width);
    for (let i = 0; i < this.count; i++) this.timesMs[i] = leastMs + cells[i]!;
  }
}

function widthOf(span: number): 1 | 2 | 4 {
  if (span <= 0xff) return 1;
  return span <= 0xffff ? 2 : 4;
}
