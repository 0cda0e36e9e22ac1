import { describe, expect, it } from "vitest";
import {
  type LanguageFeatures,
  languageFeatures,
  languageInventory,
  parsePromql,
} from "../index.ts";

const PLAIN = languageFeatures([]);
const ALL = languageFeatures(["all"]);

function isTaken(text: string, features: LanguageFeatures): boolean {
  return parsePromql(text, features).diagnostics.every(({ severity }) => severity !== "error");
}

describe("languageInventory", () => {
  it("tells of a word what the parser does with it", () => {
    const texts = {
      anchored: "rate(up[5m] anchored)",
      smoothed: "rate(up[5m] smoothed)",
      fill: "up + fill(0) up",
      at_modifier: "up @ 1",
      duration_expr: "rate(up[5m + 1m])",
      negative_offset: "up offset -5m",
      subqueries: "rate(up[5m:1m])",
    };
    for (const features of [PLAIN, ALL]) {
      const { syntax } = languageInventory(features);
      for (const [name, text] of Object.entries(texts)) {
        expect([name, syntax[name]]).toEqual([name, isTaken(text, features)]);
      }
    }
  });

  it("has every function, aggregation and operator, the experimental ones where they are on", () => {
    const [plain, all] = [languageInventory(PLAIN), languageInventory(ALL)];
    expect(plain.functions).toMatchObject({ rate: true, info: false, histogram_quantile: true });
    expect(Object.values(all.functions)).not.toContain(false);
    expect(plain.operators).toMatchObject({ topk: true, limitk: false, "=~": true, atan2: true });
    expect(Object.values(all.operators)).not.toContain(false);
    expect(plain.syntax).toMatchObject({ by: true, delayed_name_removal: false });
  });
});
