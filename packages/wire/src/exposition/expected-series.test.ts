import {
  type Random,
  SampleBatchBuilder,
  type SeriesResolver,
  seededRandom,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import { expect, test } from "vitest";
import { readExposition } from "./index.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("latin1");

/** Knows keys in the order of their numbers; expects the one after the last that was found. */
class OrderedKeys implements SeriesResolver {
  readonly #keys: readonly Uint8Array[];
  readonly #numbers: ReadonlyMap<string, number>;
  #next = 0;
  expected = UNKNOWN_SERIES;
  met = 0;

  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => ENCODER.encode(key));
    this.#numbers = new Map(this.#keys.map((key, i) => [DECODER.decode(key), i]));
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    const number = this.#numbers.get(DECODER.decode(bytes.subarray(start, end)));
    if (number === undefined) return UNKNOWN_SERIES;
    this.#next = number + 1;
    return number;
  }

  expect(bytes: Uint8Array, start: number, end: number): number {
    const key = this.#keys[this.#next];
    const keyEnd = start + (key?.length ?? 0);
    if (!key || keyEnd > end || !key.every((byte, i) => bytes[start + i] === byte)) return -1;
    this.expected = this.#next++;
    this.met++;
    return keyEnd;
  }
}

function readWith(bytes: Uint8Array, resolver: SeriesResolver) {
  const builder = new SampleBatchBuilder("test");
  const report = readExposition(bytes, {
    builder,
    resolver,
    defaultTimeMs: 1_000,
    honorTimestamps: true,
    labelsOf: (labels) => labels,
  });
  const { ids, timesMs, values, newSeries } = builder.build();
  return { report, ids, timesMs, values, newSeries };
}

const KEYS = [
  "up",
  "up_time",
  'up{job="a"}',
  'requests_total{code="200",path="/a b"}',
  'requests_total{code="500",path="} 1\\"{"}',
  "load",
  'load{zone="é"}',
  'load {spaced="x"}',
  '{"dotted.name"}',
  'bucket{le="+Inf"}',
];

test("a series that is expected costs one comparison, and its line says what it always says", () => {
  const keys = new OrderedKeys(KEYS);
  const body = KEYS.map((key, i) => `${key} ${i}.5\n`).join("");
  const { report, ids, values } = readWith(ENCODER.encode(body), keys);
  expect(report).toMatchObject({ samples: KEYS.length, kept: KEYS.length, skippedLines: 0 });
  expect([...ids]).toEqual(KEYS.map((_, i) => i));
  expect([...values]).toEqual(KEYS.map((_, i) => i + 0.5));
  expect(keys.met).toBe(KEYS.length);
});

test("problems are told with the line that they are in, behind lines that were expected", () => {
  const body = "up 1\nup_time x\n\nup_time 3 4 5\n# EOF\nup 1\n";
  const plain = readWith(ENCODER.encode(body), new OrderedKeys(KEYS));
  expect(plain.report.problems.map(({ line }) => line)).toEqual([2, 4]);
  expect(plain.report.samples).toBe(2);
});

/** A line as exporters write it, or nearly. */
function draw(random: Random): string {
  const key = KEYS[random.below(KEYS.length)] ?? "";
  const blanks = [" ", " ", " ", " ", "\t", "  ", "", " {"][random.below(8)] ?? "";
  const values = ["1", "0.25", "-3e+2", "NaN", "+Inf", "1.2345678901234567", "x", "", "1e", "7 "];
  const value = values[random.below(values.length)] ?? "";
  const rest = ["", "", "", "", " 5", " 2000 ", " #", ' # {t="1"} 2', " y"][random.below(9)] ?? "";
  const end = ["\n", "\n", "\n", "\n", "\r\n", "\n\n", "\n# HELP up\n"][random.below(7)] ?? "";
  return `${key}${blanks}${value}${rest}${end}`;
}

test("reading with an expectation says the same as without: 4,000 bodies, damaged ones among them", () => {
  const random = seededRandom(718_281);
  for (let run = 0; run < 4_000; run++) {
    const ordered = random.below(2) === 0;
    const lines = Array.from({ length: 12 }, (_, i) =>
      ordered
        ? `${KEYS[i % KEYS.length]} ${i}${random.below(9) === 0 ? " 1000" : ""}\n`
        : draw(random),
    );
    if (random.below(4) === 0) lines.push("# EOF");
    const bytes = ENCODER.encode(lines.join(""));
    for (let damage = random.below(4); damage > 0; damage--) {
      bytes[random.below(bytes.length)] = random.below(3) === 0 ? 10 : random.below(256);
    }
    const { find } = OrderedKeys.prototype;
    const known = KEYS.slice(0, 1 + random.below(KEYS.length));
    const searching = new OrderedKeys(known);
    const plain = readWith(bytes, { find: find.bind(searching) });
    expect(readWith(bytes, new OrderedKeys(known)), DECODER.decode(bytes)).toEqual(plain);
  }
});
