import { describe, expect, it } from "vitest";
import { parsePromql } from "./syntax/parser.ts";
import { promqlTree, selectorsOf, type TreeNode } from "./tree.ts";

function tree(text: string): TreeNode {
  const { expr, diagnostics } = parsePromql(text);
  if (!expr) throw new Error(diagnostics[0]?.message);
  return promqlTree(expr);
}

describe("promqlTree", () => {
  it("gives selectors with times in milliseconds, the name behind the other matchers", () => {
    expect(tree('up{job=~"a|b"} @ end() offset -5m')).toEqual({
      type: "vectorSelector",
      name: "up",
      matchers: [
        { name: "job", value: "a|b", type: "=~" },
        { name: "__name__", value: "up", type: "=" },
      ],
      offset: -300_000,
      offsetExpr: null,
      timestamp: null,
      startOrEnd: "end",
      anchored: false,
      smoothed: false,
    });
    expect(tree("rate(up[5m] @ 1.5)")).toMatchObject({
      type: "call",
      func: { name: "rate", argTypes: ["matrix"], variadic: 0, returnType: "vector" },
      args: [{ type: "matrixSelector", range: 300_000, timestamp: 1_500, startOrEnd: null }],
    });
    expect(tree("max_over_time(up[1h:30s])")).toMatchObject({
      args: [{ type: "subquery", range: 3_600_000, step: 30_000, expr: { name: "up" } }],
    });
  });

  it("gives lengths as they are written where they take arithmetic, else nothing", () => {
    const step = { type: "durationExpr", op: "step", lhs: null, rhs: null, wrapped: false };
    const minutes = { type: "numberLiteral", val: "300", duration: true };
    const sum = { type: "durationExpr", op: "+", lhs: minutes, rhs: step, wrapped: false };
    expect(tree("x[5m + step()]")).toMatchObject({ range: 0, rangeExpr: sum, offsetExpr: null });
    expect(tree("x[5m] offset (5m + step())")).toMatchObject({
      rangeExpr: null,
      offsetExpr: { ...sum, wrapped: true },
    });
    expect(tree("x[1h:step() * 2]")).toMatchObject({
      range: 3_600_000,
      rangeExpr: null,
      offsetExpr: null,
      stepExpr: { lhs: step, rhs: { type: "numberLiteral", val: "2", duration: false } },
    });
    expect(tree("x[1h:]")).toMatchObject({ step: 0, stepExpr: null });
    expect(tree("x offset ((-(5m) * ((step() + 1))))")).toMatchObject({
      offsetExpr: {
        op: "*",
        lhs: { type: "numberLiteral", val: "-300", duration: true },
        rhs: { op: "+", wrapped: true },
        wrapped: true,
      },
    });
  });

  it("gives numbers as text, signed ones as numbers", () => {
    expect(tree("-1e-7")).toEqual({ type: "numberLiteral", val: "-0.0000001" });
    expect(tree("Inf")).toEqual({ type: "numberLiteral", val: "+Inf" });
    expect(tree("-(1)")).toMatchObject({ type: "unaryExpr", op: "-", expr: { type: "parenExpr" } });
    expect(tree('"a"')).toEqual({ type: "stringLiteral", val: "a" });
  });

  it("gives aggregations and matching; none where a side is a number", () => {
    expect(tree("topk by (a) (3, up)")).toMatchObject({
      type: "aggregation",
      op: "topk",
      param: { val: "3" },
      grouping: ["a"],
      without: false,
    });
    expect(tree('count_values without (i) ("v", -(x[5m:]))')).toMatchObject({
      param: { type: "stringLiteral", val: "v" },
      grouping: ["i"],
      without: true,
      expr: { type: "unaryExpr", expr: { type: "parenExpr", expr: { type: "subquery", step: 0 } } },
    });
    expect(tree("a * on (x) group_left (y) b")).toMatchObject({
      type: "binaryExpr",
      op: "*",
      bool: false,
      matching: {
        card: "many-to-one",
        labels: ["x"],
        on: true,
        include: ["y"],
        fillValues: { lhs: null, rhs: null },
      },
    });
    expect(tree("a == bool 1")).toMatchObject({ matching: null, bool: true });
    expect(tree("a and b")).toMatchObject({ matching: { card: "many-to-many", on: false } });
    expect(tree("label_join(a, 'b', '-', 'c')")).toMatchObject({ func: { variadic: -1 } });
  });

  it("finds every selector", () => {
    const { expr } = parsePromql("sum(rate(a[5m])) / on () b + max_over_time(c[1h:]) + 1");
    const names = (expr ? selectorsOf(expr) : []).map(([first]) => first?.value);
    expect(names).toEqual(["a", "b", "c"]);
  });
});
