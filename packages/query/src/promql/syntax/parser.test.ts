import { seededRandom } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { formatPromql, parsePromql, parseSelector, prepareQuery } from "../../index.ts";

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
    same("a == bool ignoring () b");
    same("topk without (a) (3, x)");
    same("max_over_time(rate(x[1m])[1h:30s] @ end() offset -5m)");
    same('{"finance.api_ms",a="1"}');
    same("-x");
    same("x @ 60.000");
    expect(reprinted("SUM(x) BY (a,) # comment")).toBe("sum by (a) (x)");
    expect(reprinted("x[300]")).toBe("x[5m]");
    expect(reprinted("x offset 5m @ start()")).toBe("x @ start() offset 5m");
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
  });

  it("says what is wrong, where, and what was meant", () => {
    expect(problem("sum(x")).toMatchObject({
      from: 5,
      message: expect.stringContaining("end of input"),
    });
    expect(problem("raet(x[5m])")).toMatchObject({ suggestion: "did you mean rate?" });
    expect(problem("rate(x)")).toMatchObject({ suggestion: "add a range: [5m]" });
    expect(problem("x[5m] + 1")?.message).toContain("scalar and instant vector");
    expect(problem("x[1.5h]")?.message).toContain("bad number or duration");
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
    expect(problem(`1${"+1".repeat(5_000)}`)?.message).toContain("operands");
  });

  it("reads selectors for match[]", () => {
    expect(parseSelector('up{job="a"}').matchers).toHaveLength(2);
    expect(parseSelector("sum(up)").diagnostics).toHaveLength(1);
  });

  it("never throws, and what it prints it reads again alike (seed 11)", () => {
    const random = seededRandom(11);
    const words =
      "sum rate x a.b ( ) [ ] { } , : 5m 1 -2 + - * ^ == bool on by without offset @ start() 'q' \"s\" =~ =".split(
        " ",
      );
    for (let i = 0; i < 3_000; i++) {
      const text = Array.from({ length: 1 + random.below(12) }, () => random.pick(words)).join(" ");
      const { expr } = parsePromql(text);
      if (expr) expect(reprinted(formatPromql(expr)), text).toBe(formatPromql(expr));
    }
  });
});
