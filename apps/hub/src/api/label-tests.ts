import { type Labels, labelValue, type Matcher, type MatchOperator } from "@hms-ops/model";
import { linePosition, parseSelector } from "@hms-ops/query";
import { compileRegex } from "@hms-ops/query/regex";
import { badParameter } from "./parameters.ts";

/** Whether labels pass a selector. Throws a 400 that names the parameter if it cannot be read. */
export function labelTest(parameter: string, selector: string): (labels: Labels) => boolean {
  const { matchers, diagnostics } = parseSelector(selector);
  if (!matchers) {
    const { from = 0, message = "it is no selector" } = diagnostics[0] ?? {};
    throw badParameter(parameter, `${linePosition(selector, from)}: parse error: ${message}`);
  }
  const tests = matchers.map((matcher) => testOf(parameter, matcher));
  return (labels) => tests.every(({ name, test }) => test(labelValue(labels, name)));
}

function testOf(
  parameter: string,
  { name, operator, value }: Matcher,
): { readonly name: string; readonly test: (text: string) => boolean } {
  const negative: readonly MatchOperator[] = ["!=", "!~"];
  const wanted = !negative.includes(operator);
  if (operator === "=" || operator === "!=")
    return { name, test: (text) => (text === value) === wanted };
  const regex = compileRegex(value);
  if (!("test" in regex)) throw badParameter(parameter, regex.message);
  return { name, test: (text) => regex.test(text) === wanted };
}
