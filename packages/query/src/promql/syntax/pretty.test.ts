import { describe, expect, it } from "vitest";
import { astJson, parsePromql, prettyPromql } from "../../index.ts";

function parsed(text: string) {
  const { expr, diagnostics } = parsePromql(text);
  if (expr === undefined) throw new Error(`${text}: ${diagnostics[0]?.message}`);
  return expr;
}

const LONG = "a".repeat(60);

describe("the pretty printer", () => {
  const pretty = (text: string, ...lines: string[]) => {
    const printed = prettyPromql(parsed(text));
    expect(printed).toBe(lines.join("\n"));
    expect(prettyPromql(parsed(printed))).toBe(printed);
  };

  it("leaves on one line what fits there", () => {
    pretty("sum( rate(x{b='2',a=\"1\"}[300]) )by(a)", 'sum by (a) (rate(x{a="1",b="2"}[5m]))');
    pretty("x offset 1h @ 5", "x @ 5.000 offset 1h");
    pretty("Inf ^ 1e10 + 0x10", "Inf ^ 10000000000 + 16");
    pretty("x[5m] anchored offset 1m", "x[5m] anchored offset 1m");
    pretty("a + fill_right(1) fill_left(2) b", "a + fill_left (2) fill_right (1) b");
    pretty("a + fill (1h) b", "a + fill (3600) b");
    pretty("x[(5m)*2:step()]", "x[(5m) * 2:step()]");
  });

  it("breaks up what does not", () => {
    pretty(`${LONG} + on (a) ${LONG}`, `  ${LONG}`, "+ on (a)", `  ${LONG}`);
    pretty(
      `sum by (a) (-(${LONG} - ${LONG}))`,
      "sum by (a) (",
      "  -(",
      ...[`      ${LONG}`, "    -", `      ${LONG}`, "  )", ")"],
    );
    pretty(
      `topk(3, clamp(${LONG}, 1, scalar(${LONG})))`,
      "topk(",
      "  3,",
      "  clamp(",
      `    ${LONG},`,
      "    1,",
      `    scalar(${LONG})`,
      "  )",
      ")",
    );
  });
});

describe("the tree as JSON", () => {
  it("has Prometheus' shape", () => {
    expect(astJson(parsed('rate(x{a!="1"}[5m] @ end() offset 1m)'))).toEqual({
      type: "call",
      func: { name: "rate", argTypes: ["matrix"], variadic: 0, returnType: "vector" },
      args: [
        {
          type: "matrixSelector",
          name: "x",
          matchers: [
            { name: "a", type: "!=", value: "1" },
            { name: "__name__", type: "=", value: "x" },
          ],
          range: 300_000,
          offset: 60_000,
          timestamp: null,
          startOrEnd: "end",
          anchored: false,
          smoothed: false,
        },
      ],
    });
    expect(astJson(parsed("a == bool on (b) group_left (c) d"))).toMatchObject({
      type: "binaryExpr",
      op: "==",
      bool: true,
      matching: { card: "many-to-one", labels: ["b"], on: true, include: ["c"] },
    });
    expect(astJson(parsed("2 * x"))).toMatchObject({ matching: null, lhs: { val: "2" } });
    expect(astJson(parsed('count_values without (i) ("v", -(x[5m:]))'))).toMatchObject({
      type: "aggregation",
      param: { type: "stringLiteral", val: "v" },
      grouping: ["i"],
      without: true,
      expr: { type: "unaryExpr", expr: { type: "parenExpr", expr: { type: "subquery", step: 0 } } },
    });
    expect(astJson(parsed('label_join(x @ 5, "a", "b", "c")'))).toMatchObject({
      func: { variadic: -1 },
      args: [{ type: "vectorSelector", timestamp: 5_000, startOrEnd: null }, {}, {}, {}],
    });
  });
});
