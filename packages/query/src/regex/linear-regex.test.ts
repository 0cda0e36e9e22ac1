import { seededRandom } from "@hms-ops/model";
import { RE2JS } from "re2js";
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
    const parts = [
      ..."a b ab ab-7 \\. . * + ? | ( (?: ) ) .* .+ .*? [ab] [^a] [a-c\\d] [^-]+ \\d+ \\w* \\s".split(
        " ",
      ),
      ..."^ $ \\- a{2} {1,3} {2,} { } (?i) (?s) (?-s:.) A \\Qa.\\E é 😀 [é-ü😀] [[:alpha:]] \\pL".split(
        " ",
      ),
      ..."\\x41 \\x{1F600} (?P<n>a) a*? b+? (a|b) (|a) []a] [a-] k ſ \n".split(" "),
    ];
    const letters = ["a", "b", "A", "-", "7", ".", "\n", "é", "😀", "{", "c", " ", "ſ"];
    let compiled = 0;
    for (let i = 0; i < 30_000; i++) {
      const words = Array.from({ length: 1 + random.below(7) }, () => random.pick(parts));
      const pattern = words.join("");
      const known = compileRegex(pattern);
      if (!isRegex(known)) continue;
      const engine = RE2JS.compile(pattern, RE2JS.DOTALL);
      compiled++;
      for (let k = 0; k < 12; k++) {
        const text = Array.from({ length: random.below(7) }, () => random.pick(letters)).join("");
        const expected = engine.matches(text);
        expect(known.test(text), `${pattern} on ${JSON.stringify(text)}`).toBe(expected);
        if (!expected) continue;
        expect(text.startsWith(known.prefix), pattern).toBe(true);
        if (known.literals) expect(known.literals, pattern).toContain(text);
      }
      for (const literal of known.literals ?? [])
        expect(engine.matches(literal), pattern).toBe(true);
    }
    expect(compiled).toBeGreaterThan(10_000);
  });

  it("looks for plain texts between gaps", () => {
    expect(regex("(a|bb).*x").test("bb--x")).toBe(true);
    expect(regex("(a|bb).*x").test("b--x")).toBe(false);
    expect(regex("ab.*bc").test("abc")).toBe(false);
    expect(regex("a.+a").test("aa")).toBe(false);
    expect(regex(".*(err|warn).*took.*").test("a warning took")).toBe(true);
  });

  it("fills templates as Go does", () => {
    const service = regex("(?P<first>[a-z]+)-(\\d+)");
    expect(service.replace("ach-12", "$2/${first}/$$/$1x/${1}x")).toBe("12/ach/$//achx");
    expect(service.replace("ach-12", "${constructor}$__proto__$9$first_")).toBe("");
    expect(service.replace("ach-12", "$2-$1$$")).toBe("12-ach$");
    expect(service.replace("ach-12", "$01|${01}|$1é|${1}é|$1-|${1-}|$ |$")).toBe(
      "|||aché|ach-|${1-}|$ |$",
    );
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
    expect(compileRegex("x*".repeat(10_000))).toHaveProperty("message");
    expect(compileRegex(".{1000}".repeat(30))).toHaveProperty("message");
  });
});

describe("a long regular expression", () => {
  const values = Array.from({ length: 3_000 }, (_, i) => `pod-${i}.ach\\.at:9100`);
  const list = values.map((value) => value.replace(".ach", "\\.ach")).join("|");

  it("is taken where it is a list of texts, as boards send it", () => {
    for (const pattern of [list, `(${list})`, `^(?:${list})$`]) {
      expect(pattern.length).toBeGreaterThan(50_000);
      const { test, literals } = regex(pattern);
      expect(literals).toHaveLength(3_000);
      expect(test("pod-2999.ach.at:9100")).toBe(true);
      expect(test("pod-2999.ach.at:910")).toBe(false);
      expect(test("pod-2999xach.at:9100")).toBe(false);
    }
  });

  it("is taken where the list has something before and behind it", () => {
    const around = regex(`https://(${list})/.*`);
    expect(around.test("https://pod-7.ach.at:9100/metrics")).toBe(true);
    expect(around.test("https://pod-7.ach.at:9100")).toBe(false);
    const behind = regex(`.*-(${list})`);
    expect(behind.test("eu-west-pod-7.ach.at:9100")).toBe(true);
    expect(behind.test("eu-west-pod-7.ach.at:910")).toBe(false);
  });

  it("still fills templates", () => {
    expect(regex(`(${list})`).replace("pod-7.ach.at:9100", "<$1>")).toBe("<pod-7.ach.at:9100>");
  });

  it("is refused where it is no list, or too long even for one", () => {
    const message = (pattern: string) => {
      const compiled = compileRegex(pattern);
      return "message" in compiled ? compiled.message : "taken";
    };
    expect(message(`(${list}):[0-9]+`)).toMatch(/longer than 10000/);
    expect(message(`(?P<pod>${list})`)).toMatch(/longer than 10000/);
    expect(message(`${list}|(a*)*b`)).toMatch(/longer than 10000/);
    expect(message(`${list}|${list}|x`)).toMatch(/longer than 10000/);
    // A long list with a long end would be millions of characters.
    const numbers = Array.from({ length: 8_000 }, (_, i) => i).join("|");
    expect(message(`(${numbers})${"c".repeat(40_000)}`)).toMatch(/longer than 10000/);
  });
});
