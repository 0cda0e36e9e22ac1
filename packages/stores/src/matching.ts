import { type Labels, labelValue, type Matcher, OpsError } from "@hms-ops/model";
import { compileRegex } from "@hms-ops/query/regex";
import { STORE_ERRORS } from "./errors.ts";

/** A matcher made ready: tests one label's value, "" when the label is absent. */
export interface ValueTest {
  readonly name: string;
  readonly accepts: (value: string) => boolean;
  /** Whether a series without the label passes. */
  readonly acceptsAbsent: boolean;
  /** When the accepted values are few and known: exactly these. */
  readonly values?: readonly string[];
  /** When the refused values are few and known: exactly these. */
  readonly refused?: readonly string[];
  /** Text with which every accepted value begins. */
  readonly prefix?: string;
  /** Of a pattern: tests of one label with the same key say the same. */
  readonly key?: string;
}

/** Throws OPS-1301 for a pattern that is not RE2. */
export function valueTest(matcher: Matcher): ValueTest {
  const { name, operator, value } = matcher;
  switch (operator) {
    case "=":
      return equality(name, [value]);
    case "!=":
      return inequality(name, [value]);
    case "=~":
    case "!~":
      return pattern(matcher);
  }
}

export function matchesAll(labels: Labels, tests: readonly ValueTest[]): boolean {
  return tests.every(({ name, accepts }) => accepts(labelValue(labels, name)));
}

function equality(name: string, values: readonly string[]): ValueTest {
  return {
    name,
    accepts: (other) => values.includes(other),
    acceptsAbsent: values.includes(""),
    values,
  };
}

function inequality(name: string, refused: readonly string[]): ValueTest {
  return {
    name,
    accepts: (other) => !refused.includes(other),
    acceptsAbsent: !refused.includes(""),
    refused,
  };
}

function pattern({ name, operator, value }: Matcher): ValueTest {
  const regex = compileRegex(value);
  if ("severity" in regex) {
    const problem = regex.message;
    throw new OpsError(STORE_ERRORS.badPattern, { pattern: value, label: name, problem });
  }
  const { literals, prefix } = regex;
  const key = `${operator}${value}`;
  if (operator === "!~") {
    if (literals) return inequality(name, literals);
    return { name, accepts: (other) => !regex.test(other), acceptsAbsent: !regex.test(""), key };
  }
  if (literals) return equality(name, literals);
  const accepts = (other: string) => regex.test(other);
  return { name, accepts, acceptsAbsent: regex.test(""), prefix, key };
}
