import { seededRandom } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { NumberReader } from "./number-reader.ts";

const ENCODER = new TextEncoder();
const reader = new NumberReader();

/** Undefined: not a number. */
function read(text: string): number | undefined {
  const bytes = ENCODER.encode(`x ${text}`);
  return reader.read(bytes, 2, bytes.length) ? reader.value : undefined;
}

describe("a number of a sample line", () => {
  it("ends where its last digit or letter is", () => {
    const end = (text: string) => reader.scan(ENCODER.encode(text), 0, text.length);
    expect(["12\n", "1.5 7", "-3e+2\n", "NaN\n", "+Inf ", "1.2.3", "4e5x"].map(end)).toEqual([
      2, 3, 5, 3, 4, 3, 3,
    ]);
    expect(["", "-", ".", "e5", "1e", "1e+ 2", "nano", "infinit", "--1"].map(end)).toEqual(
      new Array(9).fill(-1),
    );
  });

  it("is the nearest double, of however many digits", () => {
    const texts = [
      "0.1234567890123456",
      "12345.678901234567",
      "9007199254740993",
      "9007199254740992.5",
      "9007199254740991.4999",
      "1844674407370955161",
      "18446744073709551616",
      "100000000000000000000000",
      "0.000000000000000000001234567890123456",
      "1.7976931348623157e+308",
      "4.9406564584124654e-324",
      "2.2250738585072011e-308",
      "8.41e21",
      "123456789012345678e-5",
      "1e400",
      "-0",
      "-0.0",
      "000000000000000000000001.5",
    ];
    expect(texts.map(read)).toEqual(texts.map(Number));
  });

  it("is read as the language reads it: 200,000 of 1 to 21 digits, ties and their neighbours", () => {
    const random = seededRandom(20261121);
    const digits = (count: number) =>
      Array.from({ length: count }, () => random.below(10)).join("");
    const draws = [
      () => String(random.next() * 10 ** random.below(12)),
      () => String((random.next() - 0.5) * 10 ** (random.below(40) - 20)),
      () => `${digits(1 + random.below(12))}.${digits(random.below(10))}`,
      () => `-${digits(1 + random.below(21))}`,
      () => `0.${digits(random.below(24) + 1)}`,
      () => `${digits(1 + random.below(18))}e-${random.below(26)}`,
      // Halfway between two doubles, or one digit beside it.
      () => String(2n ** 53n + 2n * BigInt(random.below(1_000_000)) + BigInt(random.below(3))),
      () =>
        `${2n ** 52n + BigInt(random.below(1e9))}.${["5", "4999", "5001", "25"][random.below(4)]}`,
    ];
    const wrong: string[] = [];
    for (let i = 0; i < 200_000; i++) {
      const text = draws[i % draws.length]?.() ?? "";
      if (!Object.is(read(text), Number(text))) wrong.push(text);
    }
    expect(wrong).toEqual([]);
  });
});
