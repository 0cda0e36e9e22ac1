import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { formatPromql, parsePromql, parseSelector, prepareQuery } from "../../index.ts";
import { readScript } from "../../testing/index.ts";

function problem(text: string) {
  const { query, diagnostics } = prepareQuery(text);
  expect(query, text).toBeUndefined();
  return diagnostics[0];
}

function reprinted(text: string): string {
  const { expr, diagnostics } = parsePromql(text);
  if (expr === undefined) throw new Error(`${text}: ${diagnostics[0]?.message}`);
  return formatPromql(expr);
}

describe("the parser", () => {
  const same = (text: string) => expect(reprinted(text)).toBe(text);

  it("prints expressions back", () => {
    same('sum by (a, "b.c") (rate(x{job="a",z!~"q.*"}[5m] offset 1h))');
    same("a + on (x) group_left (y) b");
    expect(reprinted("a == bool ignoring () b")).toBe("a == bool b");
    same("topk without (a) (3, x)");
    same("max_over_time(rate(x[1m])[1h:30s] @ end() offset -5m)");
    same('{__name__="finance.api_ms",a="1"}');
    same(String.raw`"\a\v\x00é\u2028\x7f😀\U000e0001\"\\"`);
    same("-x");
    same("x @ 60.000");
    expect(reprinted("SUM(x) BY (a,) # comment")).toBe("sum by (a) (x)");
    expect(reprinted("x[300]")).toBe("x[5m]");
    expect(reprinted("x offset 5m @ start()")).toBe("x @ start() offset 5m");
  });

  it("prints what bytes are read as so that it can be read", () => {
    const printed = formatPromql(parsePromql('x{a="\\xff"}').expr!);
    expect(printed).toBe('x{a="\\ufffd"}');
    expect(formatPromql(parsePromql(printed).expr!)).toBe(printed);
  });

  it("computes with durations", () => {
    const reads = (text: string, ms: number) => {
      const { expr } = parsePromql(text);
      same(text);
      expect(expr, text).toMatchObject({ rangeMs: ms });
    };
    const shifts = (text: string, ms: number) =>
      expect(parsePromql(text).expr, text).toMatchObject({ offsetMs: ms });
    reads("x[5m * 2]", 600_000);
    reads("x[2 ^ 3 ^ 2 - 500 / (1h / 1800)]", 262_000);
    reads("x[-1m + 2m]", 60_000);
    reads("x[min_of(5m, 300 * 2):max_of(10s, -3)]", 300_000);
    shifts("x offset (1h / 4)", 900_000);
    shifts("x offset -(1h % 7m)", -240_000);
    expect(reprinted("x offset 1h / 2")).toBe("x offset 1h / 2");
    expect(reprinted("x[max(5m,60)]")).toBe("x[max_of(5m, 60)]");
    same("x[step()]");
    same("x[max_of(5m, 4 * step())] offset -(range())");
    expect(problem("x[1m - 60]")?.message).toContain("greater than 0");
    expect(problem("x[1m / 0]")?.message).toContain("division by zero");
    expect(problem("x[NaN]")?.message).toContain("unexpected character in duration");
    expect(problem("x offset (10^300)")?.message).toContain("range");
    expect(problem(`x[${"-".repeat(10_000)}1]`)?.message).toContain("nested");
  });

  it("knows which operators bind tighter", () => {
    const shape = (text: string): string => {
      const { expr } = parsePromql(text);
      const print = (node: typeof expr): string =>
        node?.kind === "binary"
          ? `(${print(node.left)}${node.operator}${print(node.right)})`
          : node
            ? formatPromql(node)
            : "";
      return print(expr);
    };
    expect(shape("a or b and c == d + e * f ^ g ^ h")).toBe("(aor(band(c==(d+(e*(f^(g^h)))))))");
    expect(shape("a - b - c")).toBe("((a-b)-c)");
  });

  it("lets keywords be names where they can be", () => {
    for (const text of ["sum", "by", 'offset{a="b"}', "sum(sum)", "start", 'x{by="1",on="2"}']) {
      expect(parsePromql(text).expr, text).toBeDefined();
    }
    expect(parsePromql("bool").expr).toBeUndefined();
    expect(parsePromql("a constructor b").expr).toBeUndefined();
    expect(problem("constructor(b)")?.message).toContain("unknown function");
  });

  it("says what is wrong, where, and what was meant", () => {
    expect(problem("sum(x")).toMatchObject({
      from: 5,
      message: "unclosed left parenthesis",
    });
    expect(problem("raet(x[5m])")).toMatchObject({ suggestion: "did you mean rate?" });
    expect(problem("rate(x)")).toMatchObject({ suggestion: "add a range: [5m]" });
    expect(problem("x[5m] + 1")?.message).toContain("scalar and instant vector");
    expect(problem("x[1.5h]")?.message).toContain('unknown unit "."');
    expect(problem("x[5m:0s]")?.message).toContain("greater than 0");
    expect(problem('x{a=~"("}')?.message).toMatch(/regexp|missing/);
    expect(problem("'a")?.message).toContain("unterminated");
    expect(problem("x offset 1m offset 2m")?.message).toContain("multiple times");
    expect(problem("")?.message).toBe("no expression found in input");
    expect(problem("rate(x[5m],)")?.message).toContain("trailing commas");
  });

  it("refuses what is nested too deep, without a stack overflow", () => {
    expect(problem(`${"(".repeat(10_000)}1${")".repeat(10_000)}`)?.message).toContain("nested");
    expect(problem(`${"-".repeat(10_000)}1`)?.message).toContain("nested");
    expect(problem(`1${"^1".repeat(5_000)}`)?.message).toContain("nested");
    expect(problem(`1${"+1".repeat(5_000)}`)?.message).toContain("operators");
    expect(problem(`x${"[5m:1m]".repeat(5_000)}`)?.message).toContain("operators");
    const tower = `${"(".repeat(190)}1${`${"+1".repeat(250)})`.repeat(190)}`;
    expect(problem(tower)?.message).toContain("operators");
  });

  it("reads selectors for match[]", () => {
    expect(parseSelector('up{job="a"}').matchers).toHaveLength(2);
    expect(parseSelector("sum(up)").diagnostics).toHaveLength(1);
    for (const word of ["on", "Bool", "atan2", "group_left", "inf", "NaN"]) {
      expect(parseSelector(word).diagnostics[0]?.message, word).toMatch(/^unexpected/);
    }
    expect(parseSelector('{"on"}').matchers).toHaveLength(1);
  });

  it("never throws, and what it prints it reads again alike (seed 11)", () => {
    const random = seededRandom(11);
    const words =
      "sum topk rate x a.b a:b ( ) [ ] { } , : 5m 1 0x1F 010 -2 1e99 Inf + - * / % ^ atan2 == != bool and or unless on ignoring group_left by without offset @ start() step() min_of( 'q' \"s\" `r` =~ = !~ \\ # \n é \ud800".split(
        " ",
      );
    for (let i = 0; i < 20_000; i++) {
      const gap = random.below(2) ? " " : "";
      const text = Array.from({ length: 1 + random.below(14) }, () => random.pick(words)).join(gap);
      prepareQuery(text);
      const { expr } = parsePromql(text);
      if (expr) expect(reprinted(formatPromql(expr)), text).toBe(formatPromql(expr));
    }
  });

  it("never throws on expressions with a few characters changed (seed 12)", () => {
    const random = seededRandom(12);
    const folder = join(import.meta.dirname, "../testdata");
    const expressions = readdirSync(folder)
      .flatMap((file) => readScript(readFileSync(join(folder, file), "utf8")))
      .flatMap((command) => (command.kind === "eval" ? [command.expr] : []));
    expect(expressions.length).toBeGreaterThan(100);
    for (let i = 0; i < 20_000; i++) {
      const characters = [...random.pick(expressions)];
      for (let change = 0; change <= random.below(3); change++) {
        const inserted = random.below(2) ? [random.pick([..."()[]{},:+-*/%^=\"'`@ \\5mx#\n"])] : [];
        characters.splice(random.below(characters.length), 1 - inserted.length, ...inserted);
      }
      const text = characters.join("");
      prepareQuery(text);
      const { expr } = parsePromql(text);
      if (expr) expect(reprinted(formatPromql(expr)), text).toBe(formatPromql(expr));
    }
  });
});
