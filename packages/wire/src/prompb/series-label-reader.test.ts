import { seededRandom } from "@hms-ops/model";
import { expect, it } from "vitest";
import { WIRE_ERRORS } from "../errors.ts";
import { readPairs, seriesLabels } from "./labels.ts";
import { ProtoReader } from "./proto-reader.ts";
import { SeriesLabelReader } from "./series-label-reader.ts";

const VALUES = ["a", "b", "", "long".repeat(900), "ü", "\u{1f4a1}", "0", "10.0.0.1:9100"];
const NAMES = ["__name__", "instance", "job", "le", "zone", "A", ""];
const encoder = new TextEncoder();

it("reads label sets as if each stood alone, 20,000 seeded series", () => {
  const random = seededRandom(20_261_121);
  let asLast = 0;
  for (let body = 0; body < 200; body++) {
    const { bytes, bounds } = makeBody(random);
    const together = new SeriesLabelReader(newReader(bytes));
    for (const [start, end] of bounds) {
      const alone = seriesLabels(readPairs(newReader(bytes), start, end));
      const read = together.read(start, end);
      expect(read).toEqual(alone);
      if (read.labels && start > 0) asLast++;
    }
  }
  // The campaign is worth nothing where most sets are refused.
  expect(asLast).toBeGreaterThan(5_000);
});

/** Series that mostly differ in a label or two from the one before. */
function makeBody(random: ReturnType<typeof seededRandom>) {
  const parts: number[] = [];
  const bounds: (readonly [start: number, end: number])[] = [];
  let pairs: [string, string][] = [];
  for (let series = 0; series < 100; series++) {
    if (series === 0 || random.below(8) === 0) {
      const names = NAMES.filter((name) => name === "__name__" || random.below(3) > 0);
      pairs = names.map((name) => [name, random.pick(VALUES)]);
      if (random.below(4) > 0) pairs.sort(([a], [b]) => (a < b ? -1 : 1));
    }
    for (const pair of pairs) if (random.below(6) === 0) pair[1] = random.pick(VALUES);
    const start = parts.length;
    for (const [name, value] of pairs) pushLabel(parts, name, value, random.below(60) === 0);
    bounds.push([start, parts.length]);
  }
  return { bytes: Uint8Array.from(parts), bounds };
}

function pushLabel(parts: number[], name: string, value: string, isBroken: boolean): void {
  const label: number[] = [];
  pushText(label, 1, name);
  pushText(label, 2, value);
  if (isBroken && value !== "") label[label.length - 1] = 0xff;
  pushBytes(parts, 1, label);
}

function pushText(parts: number[], field: number, text: string): void {
  pushBytes(parts, field, [...encoder.encode(text)]);
}

function pushBytes(parts: number[], field: number, bytes: readonly number[]): void {
  parts.push((field << 3) | 2);
  let length = bytes.length;
  for (; length >= 0x80; length = Math.floor(length / 128)) parts.push((length & 0x7f) | 0x80);
  parts.push(length);
  for (const byte of bytes) parts.push(byte);
}

function newReader(bytes: Uint8Array): ProtoReader {
  return new ProtoReader(bytes, WIRE_ERRORS.remoteWriteUnreadable);
}
