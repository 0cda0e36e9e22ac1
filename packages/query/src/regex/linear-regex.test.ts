import { seededRandom } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { compileRegex, isRegex, type LinearRegex } from "./index.ts";

function regex(pattern: string): LinearRegex {
  const compiled = compileRegex(pattern);
  if (!isRegex(compiled)) throw new Error(compiled.message);
  return compiled;
}

describe("a regular expression", () => {
  it("matches whole texts only, across line breaks", () => {
    expect(regex("a.c").test("abc")).toBe(true);
    expect(regex("a.c").test("xabc")).toBe(false);
    expect(regex("a.c").test("a\nc")).toBe(true);
    expect(regex("5..|4..").test("404")).toBe(true);
  });

  it("is a list of texts when it is an alternation of plain ones", () => {
    expect(regex("a|b\\.c|d").literals).toEqual(["a", "b.c", "d"]);
    expect(regex("(get|put)").literals).toEqual(["get", "put"]);
    expect(regex("").literals).toEqual([""]);
    expect(regex("a|").test("")).toBe(true);
    expect(regex("a+").literals).toBeUndefined();
    expect(regex("b\\.c").test("bxc")).toBe(false);
  });

  it("knows with what its matches begin", () => {
    expect(regex("node_.*").prefix).toBe("node_");
    expect(regex("nodes*").prefix).toBe("node");
    expect(regex("nodes*").test("node")).toBe(true);
    expect(regex("a|b.*").prefix).toBe("");
  });

  it("decides alike by the short ways and by the engine", () => {
    for (const text of ["", "a", "xay", "a b", "\n"]) {
      expect(regex(".*a.*").test(text)).toBe(regex("(?s).*[a].*").test(text));
      expect(regex(".+").test(text)).toBe(regex("(.|\\n)+").test(text));
    }
  });

  it("decides as the engine does, however short its way (seed 4)", () => {
    const random = seededRandom(4);
    const parts =
      "a b ab \\. . * + ? | ( (?: ) .* .+ [ab] ^ $ \\- a{2} { } \\d (?i) A \\Qa.\\E".split(" ");
    const texts = ["", "a", "b", "ab", "aa", "ba", ".", "aab", "A", "\n", "a.b", "{", "a{", "-"];
    let compiled = 0;
    for (let i = 0; i < 20_000; i++) {
      const pattern = Array.from({ length: 1 + random.below(6) }, () => random.pick(parts)).join(
        "",
      );
      const known = compileRegex(pattern);
      // A group around it that never matters keeps every short way shut.
      const plain = compileRegex(`(?:${pattern})|[^\\x00-\\x{10FFFF}]`);
      if (!isRegex(known) || !isRegex(plain)) continue;
      compiled++;
      for (const text of texts)
        expect(known.test(text), `${pattern} on ${text}`).toBe(plain.test(text));
    }
    expect(compiled).toBeGreaterThan(5_000);
  });

  it("fills templates as Go does", () => {
    const service = regex("(?P<first>[a-z]+)-(\\d+)");
    expect(service.replace("ach-12", "$2/${first}/$$/$1x/${1}x")).toBe("12/ach/$//achx");
    expect(service.replace("nope", "$1")).toBeUndefined();
  });

  it("takes linear time where backtracking would take years", () => {
    expect(regex("(a+)+$").test(`${"a".repeat(5000)}!`)).toBe(false);
  });

  it("says what is wrong", () => {
    const problem = compileRegex("a(b");
    expect(isRegex(problem)).toBe(false);
    expect(problem).toMatchObject({ severity: "error" });
    expect(compileRegex("(?=x)")).toHaveProperty("message");
    expect(compileRegex("x".repeat(20_000))).toHaveProperty("message");
    expect(compileRegex(".{1000}".repeat(30))).toHaveProperty("message");
  });
});
