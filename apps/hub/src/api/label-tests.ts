import {
  bug,
  type Labels,
  labelValue,
  type Matcher,
  type MatchOperator,
  OpsError,
} from "@hms-ops/model";
import { linePosition, parseSelector, QUERY_ERRORS } from "@hms-ops/query";
import { compileRegex } from "@hms-ops/query/regex";

/** Whether labels pass a selector. Throws a 400 if it cannot be read. */
export function labelTest(selector: string): (labels: Labels) => boolean {
  const { matchers, diagnostics } = parseSelector(selector);
  if (!matchers) {
    const { from = 0, message: reason = "it is no selector" } = diagnostics[0] ?? {};
    throw new OpsError(QUERY_ERRORS.parse, { position: linePosition(selector, from), reason });
  }
  const tests = matchers.map(testOf);
  return (labels) => tests.every(({ name, test }) => test(labelValue(labels, name)));
}

function testOf({ name, operator, value }: Matcher): {
  readonly name: string;
  readonly test: (text: string) => boolean;
} {
  const negative: readonly MatchOperator[] = ["!=", "!~"];
  const wanted = !negative.includes(operator);
  if (operator === "=" || operator === "!=")
    return { name, test: (text) => (text === value) === wanted };
  const regex = compileRegex(value);
  if (!("test" in regex)) return bug("a matcher was read with a regular expression that is none");
  return { name, test: (text) => regex.test(text) === wanted };
}
