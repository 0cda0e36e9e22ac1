import { describe, expect, it } from "vitest";
import { hashLabels, xxHash64 } from "./labels-hash.ts";

const hash = (text: string) => xxHash64(new TextEncoder().encode(text)).toString(16);

describe("XXH64", () => {
  it("has the published values for seed 0", () => {
    expect(hash("")).toBe("ef46db3751d8e999");
    expect(hash("a")).toBe("d24ec4f1a98c6e5b");
    expect(hash("abc")).toBe("44bc2cf5ad770999");
    expect(hash("Nobody inspects the spammish repetition")).toBe("fbcea83c8a378bf1");
  });

  it("places label sets between 0 and 1, long values too", () => {
    for (const value of ["", "é", "x".repeat(300)]) {
      const place = hashLabels(["__name__", value]);
      expect(place).toBeGreaterThanOrEqual(0);
      expect(place).toBeLessThan(1);
    }
  });
});
