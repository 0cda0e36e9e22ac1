import type { Labels } from "@hms-ops/model";
import { LABEL_VALUE_MAX_BYTES } from "../limits.ts";
import { type ReadLabels, readPair, readPairs, seriesLabels } from "./labels.ts";
import { type ProtoReader, WIRE_BYTES } from "./proto-reader.ts";

const TAG_LABEL = (1 << 3) | WIRE_BYTES;
/** No text of so many units is longer in UTF-8 than a value may be. */
const SURELY_SHORT = Math.floor(LABEL_VALUE_MAX_BYTES / 3);

/**
 * Reads the label sets of one body, series after series. Most labels of a series are byte for byte
 * those of the series before: they are the same texts then, and nothing is decoded, sorted or judged
 * again.
 */
export class SeriesLabelReader {
  readonly #reader: ProtoReader;
  /** Of the last set, as it was sent: sorted, none empty. Empty if it was not. */
  #labels: Labels = [];
  #starts: number[] = [];
  #ends: number[] = [];
  #spareStarts: number[] = [];
  #spareEnds: number[] = [];

  constructor(reader: ProtoReader) {
    this.#reader = reader;
  }

  /** The Label fields (number 1) between two offsets, with no other fields among them. */
  read(start: number, end: number): ReadLabels {
    const labels = this.#readLikeLast(start, end);
    if (labels) {
      this.#labels = labels;
      [this.#starts, this.#spareStarts] = [this.#spareStarts, this.#starts];
      [this.#ends, this.#spareEnds] = [this.#spareEnds, this.#ends];
      return { labels };
    }
    const pairs = readPairs(this.#reader, start, end);
    const read = seriesLabels(pairs);
    const sent = read.labels ?? [];
    const isAsSent =
      sent.length === 2 * pairs.length && pairs.every(([name], i) => name === sent[2 * i]);
    this.#labels = isAsSent && this.#measure(start, end) ? sent : [];
    return read;
  }

  /** Undefined where it is not made of the same names. Hot: new series come by the million. */
  #readLikeLast(start: number, end: number): Labels | undefined {
    const reader = this.#reader;
    const last = this.#labels;
    const labels: string[] = [];
    let i = 0;
    reader.position = start;
    while (reader.position < end) {
      if (2 * i === last.length || reader.uint32(end) !== TAG_LABEL) return undefined;
      const labelEnd = reader.lengthEnd(end);
      const from = reader.position;
      this.#spareStarts[i] = from;
      this.#spareEnds[i] = labelEnd;
      if (this.#isLast(i, from, labelEnd)) {
        labels.push(last[2 * i]!, last[2 * i + 1]!);
        reader.position = labelEnd;
      } else {
        const [name, value] = readPair(reader, labelEnd);
        if (name !== last[2 * i] || !value || value.length > SURELY_SHORT) return undefined;
        labels.push(last[2 * i]!, value);
      }
      i++;
    }
    return labels.length > 0 && labels.length === last.length ? labels : undefined;
  }

  #isLast(i: number, from: number, end: number): boolean {
    const start = this.#starts[i]!;
    if (this.#ends[i]! - start !== end - from) return false;
    const { bytes } = this.#reader;
    for (let k = 0; k < end - from; k++) if (bytes[start + k] !== bytes[from + k]) return false;
    return true;
  }

  /** Notes where the labels lie; false where other fields are among them. */
  #measure(start: number, end: number): boolean {
    const reader = this.#reader;
    reader.position = start;
    for (let i = 0; reader.position < end; i++) {
      if (reader.uint32(end) !== TAG_LABEL) return false;
      this.#ends[i] = reader.lengthEnd(end);
      this.#starts[i] = reader.position;
      reader.position = this.#ends[i]!;
    }
    return true;
  }
}
