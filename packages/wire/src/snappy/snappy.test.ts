import { OpsError, seededRandom } from "@hms-ops/model";
import { expect, test } from "vitest";
import { compressSnappy, uncompressSnappy } from "./index.ts";

const MEGABYTE = 1_048_576;

function errorOf(run: () => unknown): OpsError {
  try {
    run();
  } catch (error) {
    if (error instanceof OpsError) return error;
  }
  throw new Error("no OpsError was thrown");
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(" "), (byte) => Number.parseInt(byte, 16));
}

test("a block written by hand from the format's description is read", () => {
  // Length 11; literal "abcd"; copy of 4 bytes from 4 back (one-byte offset); literal "xyz".
  const block = bytesOf("0b 0c 61 62 63 64 01 04 08 78 79 7a");
  expect(new TextDecoder().decode(uncompressSnappy(block, 100))).toBe("abcdabcdxyz");
});

test("a copy may overlap what it writes: a run of one byte", () => {
  // Length 65; literal "a"; copy of 64 bytes from 1 back (two-byte offset).
  const block = bytesOf("41 00 61 fe 01 00");
  expect(new TextDecoder().decode(uncompressSnappy(block, 100))).toBe("a".repeat(65));
});

test("four-byte offsets and long literals are read", () => {
  // Length 66; literal of 62 bytes (one length byte); copy of 4 from 62 back (four-byte offset).
  const literal = Array.from({ length: 62 }, (_, i) => i);
  const block = Uint8Array.from([66, 60 << 2, 61, ...literal, (3 << 2) | 3, 62, 0, 0, 0]);
  expect([...uncompressSnappy(block, 100)]).toEqual([...literal, 0, 1, 2, 3]);
});

test("whatever is compressed comes back, and text shrinks", () => {
  const random = seededRandom(20_261_121);
  const text = new TextEncoder().encode(
    'requests_total{code="200",path="/pay"} 1027\n'.repeat(5_000),
  );
  const samples = [new Uint8Array(0), Uint8Array.of(7), text];
  for (const size of [1, 15, 16, 17, 60, 61, 255, 256, 257, 65_535, 65_536, 65_537, 200_000]) {
    samples.push(Uint8Array.from({ length: size }, () => random.below(256)));
    samples.push(Uint8Array.from({ length: size }, () => random.below(3)));
    samples.push(new Uint8Array(size).fill(random.below(256)));
  }
  for (const sample of samples) {
    const block = compressSnappy(sample);
    expect(uncompressSnappy(block, MEGABYTE)).toEqual(sample);
    expect(block.length).toBeLessThanOrEqual(32 + sample.length + sample.length / 6);
  }
  expect(compressSnappy(text).length).toBeLessThan(text.length / 15);
});

test("a claimed length beyond the bound is refused before anything is allocated", () => {
  const claimsFourGigabytes = bytesOf("ff ff ff ff 0f 00 61");
  const error = errorOf(() => uncompressSnappy(claimsFourGigabytes, 32 * MEGABYTE));
  expect(error).toMatchObject({ code: "OPS-1102", status: 413 });
});

test("damaged blocks are refused with the reason", () => {
  const reason = (hex: string) => {
    const error = errorOf(() => uncompressSnappy(bytesOf(hex), MEGABYTE));
    expect(error).toMatchObject({ code: "OPS-1101", status: 400 });
    return error.message;
  };
  expect(reason("ff ff ff ff ff ff")).toContain("length header");
  expect(reason("ff ff 03 00 61")).toContain("claims more");
  expect(reason("04 0c 61 62")).toContain("cut short");
  expect(reason("0b 0c 61 62 63 64")).toContain("ends after 4 of 11");
  expect(reason("08 0c 61 62 63 64 01 05")).toContain("before its beginning");
  expect(reason("02 0c 61 62 63 64")).toContain("more than its header");
});

test("bytes of chance never do anything but answer or refuse", () => {
  const random = seededRandom(7);
  for (let round = 0; round < 3_000; round++) {
    const size = 1 + random.below(60);
    const bytes = Uint8Array.from({ length: size }, () => random.below(256));
    try {
      expect(uncompressSnappy(bytes, 10_000).length).toBeLessThanOrEqual(10_000);
    } catch (error) {
      expect(error).toBeInstanceOf(OpsError);
    }
  }
});
