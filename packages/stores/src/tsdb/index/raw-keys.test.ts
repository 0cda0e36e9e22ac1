import { labelsOf, SampleBatchBuilder, seededRandom, UNKNOWN_SERIES } from "@hms-ops/model";
import { afterAll, expect, it } from "vitest";
import { SimulatedDisk } from "../../disk/testing/index.ts";
import { openWriter, RawKeyReader, type TsdbWriter } from "../index.ts";
import { testOptions } from "../testing/open-store.test.tools.ts";

const KEY_BYTES = 1_000;
/** What the table of so few keys takes itself. */
const TABLE_BYTES = 65_536 + 1_000;
const opened: TsdbWriter[] = [];

afterAll(async () => {
  for (const writer of opened) await writer.close();
});

async function open(rawKeyBytes: number): Promise<TsdbWriter> {
  const disk = new SimulatedDisk({ seed: 1 });
  const writer = await openWriter(testOptions("/data", { disk, limits: { rawKeyBytes } }));
  opened.push(writer);
  return writer;
}

/** They have nothing in common. */
function keyOf(series: number): Uint8Array {
  return new Uint8Array(KEY_BYTES).fill(series);
}

async function declare(writer: TsdbWriter, source: string, numbers: readonly number[]) {
  const builder = new SampleBatchBuilder(source);
  for (const i of numbers) {
    const labels = labelsOf({ __name__: "x", i: String(i) });
    builder.add(builder.declare({ labels, rawKey: keyOf(i) }), 1, i);
  }
  await writer.append(builder.build());
}

function finder(reader: RawKeyReader, source: string) {
  const resolver = reader.resolver(source);
  return (series: number) => resolver.find(keyOf(series), 0, KEY_BYTES);
}

it("[RAW1] another thread finds the raw keys that it was told of, of their source, and no others", async () => {
  const writer = await open(100_000_000);
  const reader = new RawKeyReader();
  await declare(writer, "a", [0, 1, 2]);
  reader.learn(writer.rawKeys(reader.known));
  const [ofA, ofB] = [finder(reader, "a"), finder(reader, "b")];
  expect([2, 0, 1].map(ofA)).toEqual([2, 0, 1]);
  await declare(writer, "a", [3]);
  await declare(writer, "b", [2]);
  expect([ofA(3), ofB(2), ofB(0)]).toEqual([UNKNOWN_SERIES, UNKNOWN_SERIES, UNKNOWN_SERIES]);
  reader.learn(writer.rawKeys(reader.known));
  expect([ofA(3), ofB(2), ofB(0), ofA(4)]).toEqual([3, 2, UNKNOWN_SERIES, UNKNOWN_SERIES]);
  expect(writer.rawKeys(reader.known)).toBeUndefined();
});

it("[RAW1] keys that begin and end alike are told apart by every byte", async () => {
  const writer = await open(100_000_000);
  const random = seededRandom(871_109);
  const texts = new Set<string>();
  while (texts.size < 300) {
    const part = (length: number) => String(random.below(3)).repeat(random.below(length));
    texts.add(`x${part(40)}${random.below(10)}${part(9)}${random.below(10)}${part(60)}`);
  }
  const keys = [...texts].map((text) => new TextEncoder().encode(text));
  const builder = new SampleBatchBuilder("a");
  for (const [i, rawKey] of keys.entries()) {
    const labels = labelsOf({ __name__: "x", i: String(i) });
    builder.add(builder.declare({ labels, rawKey }), 1, i);
  }
  await writer.append(builder.build());
  const reader = new RawKeyReader();
  reader.learn(writer.rawKeys(reader.known));
  for (const resolver of [reader.resolver("a"), writer.resolver("a")]) {
    const find = (key: Uint8Array) => resolver.find(key, 0, key.length);
    expect(keys.map(find)).toEqual(keys.map((_, i) => i));
    const backwards = [...keys].reverse().map(find);
    expect(backwards.reverse()).toEqual(keys.map((_, i) => i));
    for (const key of keys) {
      const other = key.slice();
      other[random.below(key.length)]!++;
      const known = [...texts].indexOf(new TextDecoder().decode(other));
      expect(find(other)).toBe(known < 0 ? UNKNOWN_SERIES : known);
    }
  }
});

it("[RAW2] keys from before all were forgotten name the same series", async () => {
  const writer = await open(TABLE_BYTES + 20 * KEY_BYTES);
  const [early, late] = [new RawKeyReader(), new RawKeyReader()];
  const first = Array.from({ length: 15 }, (_, i) => i);
  await declare(writer, "a", first);
  early.learn(writer.rawKeys(early.known));
  await declare(
    writer,
    "a",
    first.map((i) => 100 + i),
  );
  late.learn(writer.rawKeys(late.known));
  expect(finder(late, "a")(0)).toBe(UNKNOWN_SERIES);
  expect(first.map(finder(early, "a"))).toEqual(first);
  const builder = new SampleBatchBuilder("a");
  builder.add(finder(early, "a")(3), 2, 3);
  expect(await writer.append(builder.build())).toMatchObject({ accepted: 1 });
  expect(writer.stats()).toMatchObject({ seriesCount: 30 });
});
