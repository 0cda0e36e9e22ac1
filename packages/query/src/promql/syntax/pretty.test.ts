import { describe, expect, it } from "vitest";
import { parsePromql, prettyPromql } from "../../index.ts";

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
    pretty("a + fill_right(1) fill_left(1) b", "a + fill (1) b");
    pretty("a + fill_left(0) fill_right(-0) b", "a + fill (0) b");
    pretty("a + fill(NaN) b", "a + fill_left (NaN) fill_right (NaN) b");
    pretty("a + fill (1h) b", "a + fill (3600) b");
    pretty("a + fill (1e6) b", "a + fill (1e+06) b");
    pretty("x smoothed @ 5 offset 1m", "x @ 5.000 smoothed offset 1m");
    pretty("x[5m] @ 5 smoothed offset 1m", "x[5m] smoothed @ 5.000 offset 1m");
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
