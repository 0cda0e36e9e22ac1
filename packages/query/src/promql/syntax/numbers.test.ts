import { describe, expect, it } from "vitest";
import { readNumber, scanNumber, secondsOfMs } from "./numbers.ts";

describe("numbers", () => {
  it("end where Prometheus' lexer ends them", () => {
    const scan = (text: string) => scanNumber(text, 0);
    for (const text of ["1", ".5", "5.", "0.5.5", "1_000", "1e-3", "0x1F", "0x1e5", "08"]) {
      expect(scan(text), text).toEqual({ to: text.length, isNumber: true });
    }
    for (const [text, to] of [
      ["1.5.5", 4],
      ["1__0", 3],
      ["1e", 2],
      ["1ee5", 3],
      ["0xee", 4],
      ["0x1.5", 4],
      ["5m", 1],
    ] as const) {
      expect(scan(text), text).toEqual({ to, isNumber: false });
    }
    expect(scan("0x1e + 1")).toEqual({ to: 4, isNumber: true });
    expect(scan("0x1e+1")).toEqual({ to: 6, isNumber: true });
  });

  it("are read as Go reads them", () => {
    expect(["010", "08", "0_10", "1_0.5e1_0", "0x_1f", "5.e3"].map(readNumber)).toEqual([
      8, 8, 8, 105_000_000_000, 31, 5000,
    ]);
    expect(readNumber("9223372036854775808")).toBe(2 ** 63);
    expect(readNumber("0x7fffffffffffffff")).toBe(2 ** 63);
    expect(readNumber("0x8000000000000000")).toBe("invalid syntax");
    expect(readNumber("1e309")).toBe("value out of range");
    expect(readNumber("1e-400")).toBe(0);
    expect(secondsOfMs(1118)).toBe(1 + 0.118);
  });
});
