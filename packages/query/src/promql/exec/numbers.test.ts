import { describe, expect, it } from "vitest";
import { goNumber, plainNumber } from "./numbers.ts";

describe("numbers", () => {
  it("print without an exponent where they become labels", () => {
    const prints = (value: number, text: string) => expect(plainNumber(value)).toBe(text);
    prints(1e-7, "0.0000001");
    prints(-1.25e-9, "-0.00000000125");
    prints(1e21, "1000000000000000000000");
    prints(1.5e22, "15000000000000000000000");
    prints(0.1, "0.1");
    prints(-0, "-0");
    prints(Number.NaN, "NaN");
    prints(Number.NEGATIVE_INFINITY, "-Inf");
  });

  it("print as Go does where they are part of a message", () => {
    const prints = (value: number, text: string) => expect(goNumber(value)).toBe(text);
    prints(1.5, "1.5");
    prints(100_000, "100000");
    prints(1_000_000, "1e+06");
    prints(1_234_567, "1.234567e+06");
    prints(0.0001, "0.0001");
    prints(-0.00001, "-1e-05");
    prints(Number.POSITIVE_INFINITY, "+Inf");
  });
});
