import {
  compareText,
  formatLabels,
  type Labels,
  NEW_SERIES_BASE,
  type Random,
  SampleBatchBuilder,
  type SeriesResolver,
  seededRandom,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import { expect, test } from "vitest";
import { readRemoteWrite, readRemoteWriteV2 } from "./index.ts";

/** What a request says, in the shortest correct way: every row as one line of text. */
interface Told {
  readonly rows: readonly string[];
  readonly refusedRows: number;
  readonly badHistograms: number;
}

// The naive twin: any protobuf message as a list of fields, numbers as BigInt.

interface Field {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    const kind = tag & 7;
    if (kind === 0) fields.push({ number, value: varint() });
    else {
      const size = kind === 2 ? Number(varint()) : kind === 1 ? 8 : 4;
      fields.push({ number, value: bytes.subarray(at, at + size) });
      at += size;
    }
  }
  return fields;
}

function all(fields: readonly Field[], number: number): Uint8Array[] {
  return fields.flatMap((field) =>
    field.number === number && typeof field.value !== "bigint" ? [field.value] : [],
  );
}

function whole(fields: readonly Field[], number: number): bigint {
  const found = fields.findLast((field) => field.number === number)?.value;
  return typeof found === "bigint" ? found : 0n;
}

function time(fields: readonly Field[], number: number): number {
  return Number(BigInt.asIntN(64, whole(fields, number)));
}

function doubles(fields: readonly Field[], number: number): Uint8Array[] {
  return all(fields, number).flatMap((bytes) =>
    Array.from({ length: bytes.length / 8 }, (_, i) => bytes.subarray(i * 8, i * 8 + 8)),
  );
}

/** A varint list, packed or not. */
function numbers(fields: readonly Field[], number: number): bigint[] {
  return fields.flatMap(({ number: found, value }) => {
    if (found !== number) return [];
    if (typeof value === "bigint") return [value];
    // Each element of a packed list as the field 1 of a message.
    const unpacked: bigint[] = [];
    let start = 0;
    for (let at = 0; at < value.length; at++) {
      if (value[at]! >= 0x80) continue;
      unpacked.push(whole(fieldsOf(Uint8Array.of(8, ...value.subarray(start, at + 1))), 1));
      start = at + 1;
    }
    return unpacked;
  });
}

function valueText(bytes: Uint8Array | undefined): string {
  if (!bytes) return "0";
  const hex = Buffer.from(bytes).reverse().toString("hex");
  if (hex === "7ff0000000000002") return "stale";
  const value = Buffer.from(bytes).readDoubleLE();
  return Object.is(value, -0) ? "-0" : String(value);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

type Pair = readonly [string | undefined, string | undefined];

function labelsOfPairs(pairs: readonly Pair[], needsName: boolean): Labels | undefined {
  const names = pairs.map(([name]) => name);
  if (pairs.some(([name, value]) => !name || value === undefined)) return undefined;
  if (new Set(names).size < names.length) return undefined;
  const sorted = [...pairs].sort(([a], [b]) => compareText(a ?? "", b ?? ""));
  const labels = sorted.flatMap(([name, value]) => (value ? [name!, value] : []));
  return !needsName || labels.some((text, i) => i % 2 === 0 && text === "__name__")
    ? labels
    : undefined;
}

function pairsV1(fields: readonly Field[]): Pair[] {
  return all(fields, 1).map((label) => {
    const parts = fieldsOf(label);
    const text = (number: number) => decoded(all(parts, number).at(-1) ?? new Uint8Array(0));
    return [text(1), text(2)];
  });
}

function pairsV2(fields: readonly Field[], symbols: readonly Uint8Array[]): Pair[] {
  const refs = numbers(fields, 1).map((ref) => symbols[Number(ref)]);
  if (refs.length % 2 === 1) return [[undefined, undefined]];
  return refs.flatMap((name, i): Pair[] => {
    const value = refs[i + 1];
    if (i % 2 === 1) return [];
    return [[name && decoded(name), value && decoded(value)]];
  });
}

function histogramText(bytes: Uint8Array): { text: string; isGood: boolean } {
  const fields = fieldsOf(bytes);
  const sum = valueText(doubles(fields, 3).at(-1));
  const timeMs = time(fields, 15);
  if (sum === "stale") return { text: `${timeMs} stale`, isGood: true };
  const side = (first: number) => {
    let count = 0n;
    const counts = numbers(fields, first + 1).map((raw) => {
      count += (raw >> 1n) ^ -(raw & 1n);
      return count;
    });
    const spans = all(fields, first).map((span) => {
      const raw = whole(fieldsOf(span), 1);
      return [(raw >> 1n) ^ -(raw & 1n), whole(fieldsOf(span), 2)] as const;
    });
    const covered = spans.reduce((total, [, length]) => total + length, 0n);
    const overlaps = spans.some(([offset], i) => i > 0 && offset < 0n);
    const isGood = covered === BigInt(counts.length) && !overlaps && counts.every((c) => c >= 0n);
    return { text: `${spans.join("/")}=${counts.join()}`, isGood, counts };
  };
  const sides = [side(11), side(8)];
  const zeroes = whole(fields, 6);
  const total = sides.flatMap(({ counts }) => counts).reduce((a, b) => a + b, zeroes);
  const count = whole(fields, 1);
  const isGood =
    sides.every((one) => one.isGood) && (sum === "NaN" ? total <= count : total === count);
  const text = `${timeMs} h ${count} ${sum} ${zeroes} ${sides.map((one) => one.text).join(" ")}`;
  return { text, isGood };
}

function naive(bytes: Uint8Array, version: 1 | 2): Told {
  const request = fieldsOf(bytes);
  const symbols = all(request, 4);
  const rows: string[] = [];
  let refusedRows = 0;
  let badHistograms = 0;
  for (const one of all(request, version === 1 ? 1 : 5)) {
    const fields = fieldsOf(one);
    const samples = all(fields, 2);
    const histograms = all(fields, version === 1 ? 4 : 3);
    const exemplars = all(fields, version === 1 ? 3 : 4);
    const pairs = version === 1 ? pairsV1(fields) : pairsV2(fields, symbols);
    const labels = labelsOfPairs(pairs, true);
    if (!labels) {
      refusedRows += samples.length + histograms.length;
      continue;
    }
    const name = formatLabels(labels);
    for (const sample of samples.map(fieldsOf)) {
      rows.push(`${name} ${time(sample, 2)} ${valueText(doubles(sample, 1).at(-1))}`);
    }
    for (const { text, isGood } of histograms.map(histogramText)) {
      if (isGood) rows.push(`${name} ${text}`);
      else badHistograms++;
    }
    for (const exemplar of exemplars.map(fieldsOf)) {
      const own = version === 1 ? pairsV1(exemplar) : pairsV2(exemplar, symbols);
      const its = labelsOfPairs(own, false);
      const value = valueText(doubles(exemplar, 2).at(-1)).replace("stale", "NaN");
      if (its) rows.push(`${name} ${time(exemplar, 3)} e ${value} ${formatLabels(its)}`);
    }
  }
  return { rows: rows.sort(), refusedRows, badHistograms };
}

// The reader under test, in the same words.

/** Knows the series of all requests before, as a store does. */
class Memory implements SeriesResolver {
  readonly #ids = new Map<string, number>();
  readonly labels: Labels[] = [];

  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#ids.get(Buffer.from(bytes.subarray(start, end)).toString("hex")) ?? UNKNOWN_SERIES;
  }

  remember(rawKey: Uint8Array, labels: Labels): void {
    this.#ids.set(Buffer.from(rawKey).toString("hex"), this.labels.push(labels) - 1);
  }
}

function read(bytes: Uint8Array, version: 1 | 2, memory: Memory): Told {
  const builder = new SampleBatchBuilder("remote-write", 1);
  const readIt = version === 1 ? readRemoteWrite : readRemoteWriteV2;
  const report = readIt(bytes, { builder, resolver: memory });
  const batch = builder.build();
  const name = (id: number) =>
    formatLabels(
      (id >= NEW_SERIES_BASE ? batch.newSeries[id - NEW_SERIES_BASE]?.labels : memory.labels[id]) ??
        [],
    );
  const rows = [...batch.ids].map((id, i) => {
    const value = batch.values[i]!;
    const shown = Object.is(value, -0) ? "-0" : String(value);
    return `${name(id)} ${batch.timesMs[i]} ${batch.stale[i] ? "stale" : shown}`;
  });
  for (const { id, timeMs, histogram } of batch.histograms ?? []) {
    const sides = [histogram.positive, histogram.negative].map(({ spans, counts }) => {
      const shown = spans.map(({ offset, length }) => `${offset},${length}`);
      return `${shown.join("/")}=${counts.join()}`;
    });
    const { count, sum, zeroCount } = histogram;
    const shown = Object.is(sum, -0) ? "-0" : String(sum);
    rows.push(`${name(id)} ${timeMs} h ${count} ${shown} ${zeroCount} ${sides.join(" ")}`);
  }
  for (const { id, timeMs, value, labels } of batch.exemplars ?? []) {
    const shown = Object.is(value, -0) ? "-0" : String(value);
    rows.push(`${name(id)} ${timeMs} e ${shown} ${formatLabels(labels)}`);
  }
  for (const { rawKey, labels } of batch.newSeries) if (rawKey) memory.remember(rawKey, labels);
  const countOf = (reason: string) =>
    report.problems.find((problem) => problem.reason === reason)?.count ?? 0;
  return {
    rows: rows.sort(),
    refusedRows: countOf("invalid-labels"),
    badHistograms: countOf("invalid-histogram"),
  };
}

// Requests of chance: fields in any order, lists packed or not, unknown fields between them.

class RequestMaker {
  readonly #random: Random;
  readonly #version: 1 | 2;
  readonly #symbols: number[][] = [[]];

  constructor(random: Random, version: 1 | 2) {
    this.#random = random;
    this.#version = version;
  }

  request(): Uint8Array {
    const count = this.#random.below(6);
    const series = Array.from({ length: count }, () => this.#series());
    if (this.#version === 1) return Uint8Array.from(series.flatMap((one) => bytesField(1, one)));
    const body = series.flatMap((one) => bytesField(5, one));
    const symbols = this.#symbols.flatMap((symbol) => bytesField(4, symbol));
    return Uint8Array.from(this.#maybe(2) ? [...symbols, ...body] : [...body, ...symbols]);
  }

  #series(): number[] {
    const rows = Array.from({ length: 1 + this.#random.below(3) }, () =>
      bytesField(2, this.#sample()),
    );
    const histograms = Array.from({ length: this.#random.below(3) }, () =>
      bytesField(this.#version === 1 ? 4 : 3, this.#histogram()),
    );
    const exemplars = Array.from({ length: this.#random.below(2) }, () =>
      bytesField(this.#version === 1 ? 3 : 4, [
        ...this.#labels(false),
        ...doubleField(2, this.#value()),
        ...numberField(3, BigInt(this.#random.below(1_000))),
      ]),
    );
    return this.#mixed([this.#labels(true), ...rows, ...histograms, ...exemplars]);
  }

  /** All label fields of a message; often the ones of a series that was there before. */
  #labels(needsName: boolean): number[] {
    const pairs: number[][][] =
      needsName && !this.#maybe(12) ? [[text("__name__"), this.#word()]] : [];
    for (let i = this.#random.below(4); i > 0; i--) {
      pairs.push([this.#maybe(15) ? text("") : text(`l${this.#random.below(6)}`), this.#word()]);
    }
    if (this.#maybe(3)) pairs.reverse();
    if (this.#version === 1) {
      return pairs.flatMap(([name = [], value = []]) =>
        bytesField(1, [...bytesField(1, name), ...(value.length > 0 ? bytesField(2, value) : [])]),
      );
    }
    const refs = pairs.flat().map((symbol) => this.#symbol(symbol));
    if (this.#maybe(20)) refs.push(0);
    if (this.#maybe(3)) return refs.flatMap((ref) => numberField(1, BigInt(ref)));
    return bytesField(
      1,
      refs.flatMap((ref) => varint(BigInt(ref))),
    );
  }

  #symbol(bytes: number[]): number {
    if (this.#maybe(40)) return 100_000;
    const known = this.#symbols.findIndex((other) => other.join() === bytes.join());
    return known >= 0 ? known : this.#symbols.push(bytes) - 1;
  }

  #word(): number[] {
    if (this.#maybe(25)) return [0xff, 0xfe];
    if (this.#maybe(15)) return [];
    return text(["ach", "é", "a b", "x".repeat(30), "irs"][this.#random.below(5)] ?? "");
  }

  #sample(): number[] {
    const parts = [doubleField(1, this.#value()), numberField(2, this.#time())];
    return this.#mixed(parts.filter(() => !this.#maybe(10)));
  }

  #time(): bigint {
    const timeMs = BigInt(this.#random.below(2 ** 31)) * 1_000n;
    return BigInt.asUintN(64, this.#maybe(3) ? -timeMs : timeMs);
  }

  #value(): Uint8Array {
    const bits = [
      0n,
      1n << 63n,
      0x7ff0000000000002n,
      0x7ff8000000000001n,
      0x7ff0000000000000n,
      BigInt(this.#random.below(2 ** 31)) << 32n,
    ][this.#random.below(6)];
    return new Uint8Array(BigUint64Array.of(bits ?? 0n).buffer);
  }

  #histogram(): number[] {
    const side = (first: number) => {
      const spans = Array.from({ length: this.#random.below(3) }, (_, i) => ({
        offset: this.#random.below(5) - (i === 0 || this.#maybe(20) ? 2 : 0),
        length: this.#random.below(3),
      }));
      const buckets = spans.reduce((sum, { length }) => sum + length, this.#maybe(20) ? 1 : 0);
      const counts = Array.from({ length: buckets }, () => this.#random.below(50));
      if (this.#maybe(30) && buckets > 0) counts[0] = -1;
      const deltas = counts.map((count, i) => zigzag(count - (counts[i - 1] ?? 0)));
      const fields = spans.map(({ offset, length }) =>
        bytesField(first, [...numberField(1, zigzag(offset)), ...numberField(2, BigInt(length))]),
      );
      const list = this.#maybe(2)
        ? bytesField(first + 1, deltas.flatMap(varint))
        : deltas.flatMap((delta) => numberField(first + 1, delta));
      return { fields: [...fields, list], total: counts.reduce((sum, count) => sum + count, 0) };
    };
    const [positive, negative] = [side(11), side(8)];
    const zeroes = this.#random.below(3);
    const count = positive.total + negative.total + zeroes + (this.#maybe(10) ? 1 : 0);
    const schema = this.#random.below(13) - 4;
    return this.#mixed([
      ...positive.fields,
      ...negative.fields,
      numberField(1, BigInt(Math.max(0, count))),
      doubleField(3, this.#value()),
      numberField(4, zigzag(schema)),
      numberField(6, BigInt(zeroes)),
      numberField(15, this.#time()),
    ]);
  }

  /** Some next to each other swapped, unknown fields between them. Lists keep their order. */
  #mixed(fields: readonly number[][]): number[] {
    const mixed = [...fields];
    if (this.#maybe(4)) mixed.push(mixed.shift() ?? []);
    return mixed.flatMap((field) => (this.#maybe(8) ? [...this.#unknown(), ...field] : field));
  }

  #unknown(): number[] {
    const number = 30 + this.#random.below(200);
    if (this.#maybe(2)) return numberField(number, BigInt(this.#random.below(2 ** 31)));
    return bytesField(number, text("?".repeat(this.#random.below(150))));
  }

  /** Once in so many times. */
  #maybe(times: number): boolean {
    return this.#random.below(times) === 0;
  }
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

function zigzag(value: number): bigint {
  return BigInt(value < 0 ? -2 * value - 1 : 2 * value);
}

function numberField(number: number, value: bigint): number[] {
  return [...varint(BigInt(number << 3)), ...varint(value)];
}

function doubleField(number: number, bytes: Uint8Array): number[] {
  return [...varint(BigInt((number << 3) | 1)), ...bytes];
}

function bytesField(number: number, content: readonly number[]): number[] {
  return [...varint(BigInt((number << 3) | 2)), ...varint(BigInt(content.length)), ...content];
}

function text(value: string): number[] {
  return [...new TextEncoder().encode(value)];
}

for (const version of [1, 2] as const) {
  test(`${version}.0: 2,000 requests of chance are read as a naive decoder reads them`, () => {
    const random = seededRandom(20_261_121 + version);
    const memory = new Memory();
    let rows = 0;
    for (let round = 0; round < 2_000; round++) {
      const bytes = new RequestMaker(random, version).request();
      const wanted = naive(bytes, version);
      expect(read(bytes, version, memory), `round ${round}`).toEqual(wanted);
      rows += wanted.rows.length;
    }
    expect(rows).toBeGreaterThan(5_000);
    expect(memory.labels.length).toBeGreaterThan(100);
  });
}
