import { type Labels, type MetricMetadata, STALE_NAN_HIGH, STALE_NAN_LOW } from "@hms-ops/model";
import { METRIC_TYPES } from "./decode.ts";
import { WIRE_BYTES, WIRE_FIXED_64, WIRE_VARINT } from "./proto-reader.ts";

/** One series and its samples as columns of equal length. */
export interface RemoteWriteSeries {
  readonly labels: Labels;
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** 1 = staleness marker; absent = none is one. */
  readonly stale?: ArrayLike<number>;
}

/** Writes one prometheus.WriteRequest (remote write 1.0), not yet compressed. */
export function writeRemoteWrite(
  series: readonly RemoteWriteSeries[],
  metadata: ReadonlyMap<string, MetricMetadata> = new Map(),
): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  for (const one of series) {
    writer.message(1, () => {
      writeLabels(writer, one.labels);
      writeSamples(writer, one);
    });
  }
  for (const [family, { type, help, unit }] of metadata) {
    writer.message(3, () => {
      writer.number(1, METRIC_TYPES.indexOf(type));
      writer.text(2, family);
      writer.text(4, help);
      writer.text(5, unit);
    });
  }
  return writer.finish();
}

function writeLabels(writer: ProtoWriter, labels: Labels): void {
  for (let i = 0; i < labels.length; i += 2) {
    writer.message(1, () => {
      writer.text(1, labels[i]!);
      writer.text(2, labels[i + 1]!);
    });
  }
}

function writeSamples(writer: ProtoWriter, { timesMs, values, stale }: RemoteWriteSeries): void {
  for (let i = 0; i < timesMs.length; i++) {
    writer.message(2, () => {
      if (stale?.[i]) writer.words(1, STALE_NAN_LOW, STALE_NAN_HIGH);
      else writer.double(1, values[i]!);
      writer.number(2, timesMs[i]!);
    });
  }
}

/** Lengths are one byte in place first; a longer message is moved to make room. */
class ProtoWriter {
  #bytes = new Uint8Array(1_024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #encoder = new TextEncoder();

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  message(field: number, write: () => void): void {
    this.#varint((field << 3) | WIRE_BYTES);
    const lengthAt = this.#length;
    this.#reserve(5);
    this.#length++;
    write();
    const size = this.#length - lengthAt - 1;
    const extra = varintSize(size) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.#bytes.copyWithin(lengthAt + 1 + extra, lengthAt + 1, this.#length);
    }
    const end = this.#length + extra;
    this.#length = lengthAt;
    this.#varint(size);
    this.#length = end;
  }

  text(field: number, text: string): void {
    if (text === "") return;
    this.#varint((field << 3) | WIRE_BYTES);
    const encoded = this.#encoder.encode(text);
    this.#varint(encoded.length);
    this.#reserve(encoded.length);
    this.#bytes.set(encoded, this.#length);
    this.#length += encoded.length;
  }

  double(field: number, value: number): void {
    this.#varint((field << 3) | WIRE_FIXED_64);
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  words(field: number, low: number, high: number): void {
    this.#varint((field << 3) | WIRE_FIXED_64);
    this.#reserve(8);
    this.#view.setUint32(this.#length, low, true);
    this.#view.setUint32(this.#length + 4, high, true);
    this.#length += 8;
  }

  number(field: number, value: number): void {
    if (value === 0) return;
    this.#varint((field << 3) | WIRE_VARINT);
    if (value > 0) this.#varint(value);
    else this.#negative(value);
  }

  /** Two's complement of 64 bits: ten bytes. */
  #negative(value: number): void {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let i = 0; i < 9; i++) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  #varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
