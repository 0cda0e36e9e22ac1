import { describe, expect, it } from "vitest";
import { languageFeatures, linePosition, prepareQuery } from "../../index.ts";

/** What Prometheus answers, to the letter: position and reason of the first fault. */
const WORDINGS: readonly (readonly [text: string, fault: string])[] = [
  ["sum x", '1:5: parse error: unexpected identifier "x"'],
  ["sum(x", "1:6: parse error: unclosed left parenthesis"],
  ["sum(x y)", '1:7: parse error: unexpected identifier "y" in aggregation'],
  ["a b:c", '1:3: parse error: unexpected metric identifier "b:c"'],
  ["a + )", "1:6: parse error: unexpected right parenthesis ')'"],
  ["a{b}", '1:4: parse error: unexpected "}" in label matching, expected label matching operator'],
  ["a{b=}", '1:5: parse error: unexpected "}" in label matching, expected string'],
  [
    'a{b="x" c}',
    '1:9: parse error: unexpected identifier "c" in label matching, expected "," or "}"',
  ],
  ["a{,}", '1:3: parse error: unexpected "," in label matching, expected identifier or "}"'],
  ['a{b="x"', "1:8: parse error: unexpected end of input inside braces"],
  ["sum by x", '1:8: parse error: unexpected identifier "x" in grouping opts, expected "("'],
  [
    "x + on (a) group_left bool y",
    '1:23: parse error: unexpected <bool> in grouping opts, expected "("',
  ],
  ["(x + on (a) group_left)", '1:23: parse error: unexpected ")" in grouping opts, expected "("'],
  [
    "x + on (a) group_left",
    '1:22: parse error: unexpected end of input in grouping opts, expected "("',
  ],
  ["sum by (1) (z)", '1:9: parse error: unexpected number "1" in grouping opts, expected label'],
  [
    "a offset b",
    '1:10: parse error: unexpected identifier "b" in offset, expected number, duration, step(), or range()',
  ],
  ["a @ b", '1:5: parse error: unexpected identifier "b" in @, expected timestamp'],
  ["a on b", "1:3: parse error: unexpected <on>"],
  ["a ! b", "1:3: parse error: unexpected character after '!': ' '"],
  ["a !", "1:3: parse error: unexpected character after '!': '\ufffd'"],
  ["a =~ b", "1:3: parse error: unexpected character after '=': '~'"],
  ["a = b", '1:3: parse error: unexpected "="'],
  ["a}", "1:2: parse error: unexpected character: '}'"],
  ["a]", "1:2: parse error: unexpected right bracket ']'"],
  ["x[5m", "1:5: parse error: unclosed left bracket"],
  ["x[5m+1", "1:7: parse error: unclosed left bracket"],
  ["x[", "1:3: parse error: unexpected end of input in duration expression"],
  [
    "x[5m 5m]",
    '1:6: parse error: unexpected duration "5m" in subquery or range, expected ":" or "]"',
  ],
  ["x[1m:0s]", "1:6: parse error: duration must be greater than 0"],
  ["1s5", '1:1: parse error: bad number or duration syntax: "1s5"'],
  ["x[1.5h]", '1:3: parse error: unknown unit "." in duration "1.5h"'],
  ["x[1_m]", '1:3: parse error: unknown unit "_m" in duration "1_m"'],
  ["x[.5m]", '1:3: parse error: not a valid duration string: ".5m"'],
  ["x[1m1h]", '1:3: parse error: not a valid duration string: "1m1h"'],
  ["x[9999999y]", "1:3: parse error: duration out of range"],
  ["5m 1.5m", '1:4: parse error: unexpected duration "1.5m"'],
  ["5m 1e + 1", '1:4: parse error: unexpected number "1e"'],
  [
    "0x.8",
    '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "0x.8": invalid syntax',
  ],
  [
    "1e999",
    '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e999": value out of range',
  ],
  [
    "0x8000000000000000",
    '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "0x8000000000000000": invalid syntax',
  ],
  [
    "1e5.5",
    '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e5.5": invalid syntax',
  ],
  [
    "1_ + 1",
    '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1_": invalid syntax',
  ],
  ["1_000__0", '1:1: parse error: bad number or duration syntax: "1_000__"'],
  ["1.5.5", '1:1: parse error: bad number or duration syntax: "1.5."'],
  ["0x1e", '1:1: parse error: bad number or duration syntax: "0x1e"'],
  ["300y", "1:1: parse error: duration out of range"],
  ["x[10000000000]", "1:3: parse error: duration out of range"],
  ["x offset -10000000000", "1:10: parse error: duration out of range"],
  ["x offset -(1e30)", "1:12: parse error: duration out of range"],
  ["x offset Inf", "1:10: parse error: duration out of range"],
  ["x offset -Inf", "1:10: parse error: duration out of range"],
  [
    "x offset --1h / y",
    '1:17: parse error: unexpected identifier "y" in offset, expected number, duration, step(), or range()',
  ],
  ["x offset --Inf", "1:12: parse error: duration out of range"],
  ["x[-1e30]", "1:4: parse error: duration out of range"],
  ["x[5m % 0", "1:9: parse error: unclosed left bracket"],
  ["x[0 ~]", "1:5: parse error: unexpected character: '~'"],
  ["(x offset 1m offset (1m)", "1:25: parse error: unclosed left parenthesis"],
  ["x[5m % 0]", "1:6: parse error: modulo by zero"],
  ["x[5m / -(0)]", "1:6: parse error: division by zero"],
  [
    "x offset (1m) + y",
    '1:17: parse error: unexpected identifier "y" in offset, expected number, duration, step(), or range()',
  ],
  ['x{a=~"("}', "1:3: parse error: error parsing regexp: missing closing ): `(`"],
  [
    'x{a=~"\\\\"}',
    "1:3: parse error: error parsing regexp: trailing backslash at end of expression: ``",
  ],
  ["'\ufffd'", "1:1: parse error: invalid UTF-8 rune"],
  ["`\ufffd", "1:1: parse error: invalid UTF-8 rune"],
  ["'\\\u200b'", "1:1: parse error: unknown escape sequence U+200B"],
  ["'\\q'", "1:1: parse error: unknown escape sequence U+0071 'q'"],
  ['a"b"', '1:2: parse error: unexpected string "\\"b\\""'],
  ["a +", "1:4: parse error: unexpected end of input"],
  ["a[5m] offset 1m offset 2m", "1:1: parse error: offset may not be set multiple times"],
  [
    "x[5m + step]",
    '1:12: parse error: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
  ],
  [
    "x offset range",
    "1:15: parse error: unexpected end of input in offset, expected number, duration, step(), or range()",
  ],
  [
    "x[min_of 1m]",
    '1:10: parse error: unexpected duration "1m" in subquery or range selector, expected number, duration, step(), or range()',
  ],
  ["x offset (1m - 1m) offset 1m", "1:1: parse error: offset may not be set multiple times"],
  ["x @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"],
  ["a @ NaN", "1:1: parse error: timestamp out of bounds for @ modifier: NaN"],
  ["(x)[5m]", "1:4: parse error: ranges only allowed for vector selectors"],
  ["sum()", "1:1: parse error: no arguments for aggregate expression provided"],
  ["(sum()", "1:7: parse error: unclosed left parenthesis"],
  ["sum(x, y))", "1:11: parse error: unexpected right parenthesis ')'"],
  ["rate(x,)", "1:7: parse error: trailing commas not allowed in function call args"],
  ['foo{"bar"}', '1:1: parse error: metric name must not be set twice: "foo" or "bar"'],
  ['{a=""}', "1:1: parse error: vector selector must contain at least one non-empty matcher"],
  [
    "x + on (a) group_left (a) y",
    '1:3: parse error: label "a" must not occur in ON and GROUP clause at once',
  ],
  ["a and 1", '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
  ["1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"],
  ["a + bool b", "1:3: parse error: bool modifier can only be used on comparison operators"],
  [
    'a + on (b) "c"',
    "1:12: parse error: binary expression must contain only scalar and instant vector types",
  ],
  ["1 + on (a) 2", "1:1: parse error: vector matching only allowed between instant vectors"],
  ["x or on (a) group_left (b) y", '1:1: parse error: no grouping allowed for "or" operation'],
  [
    'abs("a")',
    '1:5: parse error: expected type instant vector in call to function "abs", got string',
  ],
  ["time(1)", '1:1: parse error: expected 0 argument(s) in call to "time", got 1'],
  ["round()", '1:1: parse error: expected at least 1 argument(s) in call to "round", got 0'],
  ["1[5m:]", "1:1: parse error: subquery is only allowed on instant vector, got scalar instead"],
  [
    '-"a"',
    '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"',
  ],
];

describe("faults are told in Prometheus' words", () => {
  it.each(WORDINGS)("%s", (text, fault) => {
    const [first] = prepareQuery(text).diagnostics;
    expect(`${linePosition(text, first?.from ?? 0)}: parse error: ${first?.message}`).toBe(fault);
  });

  it("and what is experimental is refused where it is not switched on", () => {
    const refused = (text: string, ...names: string[]) =>
      prepareQuery(text, languageFeatures(names)).diagnostics[0]?.message;
    expect(refused("info(x)")).toBe('function "info" is not enabled');
    expect(refused("info(x)", "promql-experimental-functions")).toBeUndefined();
    expect(refused("x smoothed")).toBe("smoothed modifier is experimental and not enabled");
    expect(refused("x smoothed", "promql-extended-range-selectors")).toBeUndefined();
    expect(refused("a + fill(0) b")).toBe("binop fill modifiers are experimental and not enabled");
    expect(refused("a + fill(0) b", "promql-binop-fill-modifiers")).toBeUndefined();
    expect(languageFeatures(["all"]).delayedNameRemoval).toBe(true);
    expect(refused("limit_ratio(0.5, a)", "all")).toBeUndefined();
  });
});
