import { describe, expect, it } from "vitest";
import { nearestWord } from "./index.ts";

describe("the word that was meant", () => {
  it("is the nearest one, whatever its case", () => {
    expect(nearestWord("raet", ["rate", "irate", "delta"])).toBe("rate");
    expect(nearestWord("Scrape_Intervel", ["scrape_interval", "scrape_timeout"])).toBe(
      "scrape_interval",
    );
  });

  it("is none when all are far", () => {
    expect(nearestWord("kubernetes", ["rate", "up"])).toBeUndefined();
    expect(nearestWord("x", [])).toBeUndefined();
  });
});
