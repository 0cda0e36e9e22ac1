import { describe, expect, it } from "vitest";
import type { NameSearch } from "../ports.ts";
import { scoreOf } from "./name-scores.ts";

function score(
  terms: string | readonly string[],
  text: string,
  {
    algorithm = "subsequence",
    threshold = 0,
    caseSensitive = true,
  }: Partial<NameSearch["fuzz"] & Pick<NameSearch, "caseSensitive">> = {},
): number {
  const fuzz = { algorithm, threshold };
  return scoreOf({ terms: [terms].flat(), fuzz, caseSensitive })(text);
}

describe("a subsequence", () => {
  it("scores 1 where the text begins with it, else the square of its runs less the gaps", () => {
    expect(score("abc", "abcdef")).toBe(1);
    expect(score("", "anything")).toBe(1);
    expect(score("abc", "xabc")).toBeCloseTo((9 - 1 / 4) / 9, 12);
    expect(score("ac", "xabc")).toBeCloseTo((2 - 1 / 4 - 1 / 4) / 4, 12);
    expect(score("b", "abcd")).toBeCloseTo(1 - 1 / 4 - 2 / 4 / 2, 12);
  });

  it("takes the beginning that does best", () => {
    expect(score("ab", "xaab")).toBeCloseTo((4 - 2 / 4) / 4, 12);
  });

  it("is refused where a character lacks, or below the threshold", () => {
    expect(score("abc", "acb")).toBeLessThan(0);
    expect(score("abc", "ab")).toBeLessThan(0);
    expect(score("hrt", "http_requests_total", { threshold: 0.9 })).toBeLessThan(0);
    expect(score("hrt", "http_requests_total", { threshold: 0.1 })).toBeGreaterThan(0);
  });

  it("counts characters, not halves of them", () => {
    expect(score("🚀b", "x🚀b")).toBeCloseTo((4 - 1 / 3) / 4, 12);
  });
});

describe("jarowinkler", () => {
  const similar = { algorithm: "jarowinkler", threshold: 0.5 } as const;

  it("scores a part of the text by its place", () => {
    const plain = { algorithm: "jarowinkler" } as const;
    expect(score("http", "http_total", plain)).toBe(1);
    expect(score("tot", "a_total", plain)).toBeCloseTo(1 - (0.9 * 2) / 4, 12);
    expect(score("total", "a_total", plain)).toBeCloseTo(0.1, 12);
    expect(score("é🚀", "🚀é🚀", plain)).toBeCloseTo(0.1, 12);
  });

  it("scores what is only similar where a threshold is given", () => {
    expect(score("MARTHA", "MARHTA", similar)).toBeCloseTo(0.9611, 4);
    expect(score("DIXON", "DICKSONX", similar)).toBeCloseTo(0.8133, 4);
    expect(score("DWAYNE", "DUANE", similar)).toBeCloseTo(0.84, 4);
    expect(score("MARTHA", "MARHTA", { ...similar, threshold: 0 })).toBeLessThan(0);
    expect(score("abc", "xyz", similar)).toBeLessThan(0);
  });
});

describe("several terms", () => {
  it("any may match; the best counts", () => {
    expect(score(["zzz", "total"], "total")).toBe(1);
    expect(score(["b", "abc"], "xabc")).toBeCloseTo((9 - 1 / 4) / 9, 12);
    expect(score(["z", "y"], "abc")).toBeLessThan(0);
    expect(score([], "abc")).toBe(1);
  });

  it("case counts unless it is said not to", () => {
    expect(score("HTTP", "http_total")).toBeLessThan(0);
    expect(score("HTTP", "http_total", { caseSensitive: false })).toBe(1);
    expect(score("http", "HTTP_total", { caseSensitive: false })).toBe(1);
  });
});
