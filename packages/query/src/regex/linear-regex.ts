import type { Diagnostic } from "@hms-ops/model";
import { RE2JS } from "re2js";
import { MOST_CACHED_REGEXES, MOST_REGEX_LENGTH, MOST_REGEX_STEPS } from "../limits.ts";
import { nativeRegex } from "./deterministic.ts";
import { literalsOf, requiredTexts } from "./literals.ts";
import { filledTemplate } from "./parts.ts";
import { matchesPieces, piecesOf } from "./pieces.ts";
import { type RegexNode, readSyntax } from "./syntax.ts";

/**
 * A regular expression in RE2 syntax that matches whole texts (anchored at both ends, `.` matches
 * line breaks) in time linear in the text, whatever a user typed. Serves matchers, relabelling,
 * `label_replace` and routes alike.
 */
export interface LinearRegex {
  readonly pattern: string;
  test(text: string): boolean;
  /**
   * The template with `$1`, `${name}`, `$$` filled; undefined when the text does not match. What
   * would be longer than `lengthMax` is cut somewhere behind it.
   */
  replace(text: string, template: string, lengthMax?: number): string | undefined;
  /** Every text that matches, when the pattern is just an alternation of plain texts. */
  readonly literals?: readonly string[];
  /** Text with which every match begins; may be empty. */
  readonly prefix: string;
}

const cache = new Map<string, LinearRegex>();

/** Compiles a pattern, or says where it is wrong. */
export function compileRegex(pattern: string): LinearRegex | Diagnostic {
  const known = cache.get(pattern);
  if (known) return known;
  if (pattern.length > MOST_REGEX_LENGTH) {
    return failure(pattern, `regular expression is longer than ${MOST_REGEX_LENGTH} characters`);
  }
  let engine: RE2JS;
  try {
    engine = RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failure(
      pattern,
      reason.startsWith("error parsing") ? reason : `error parsing regexp: ${reason}`,
    );
  }
  if (engine.programSize() > MOST_REGEX_STEPS) {
    return failure(pattern, "regular expression repeats too much: it would be slow on every text");
  }
  const regex = linearRegex(pattern, engine);
  if (cache.size >= MOST_CACHED_REGEXES) cache.clear();
  cache.set(pattern, regex);
  return regex;
}

export function isRegex(compiled: LinearRegex | Diagnostic): compiled is LinearRegex {
  return "test" in compiled;
}

function linearRegex(pattern: string, engine: RE2JS): LinearRegex {
  const syntax = readSyntax(pattern);
  const literals = syntax && literalsOf(syntax);
  const prefix = syntax ? requiredTexts(syntax).prefix : "";
  const test = testFor(engine, syntax, literals);
  return {
    pattern,
    ...(literals && { literals }),
    prefix,
    test,
    replace: (text, template) => (test(text) ? expand(engine, text, template) : undefined),
  };
}

/** The quickest test that decides alike: plain texts, else V8 where it cannot be slow, else RE2. */
function testFor(
  engine: RE2JS,
  syntax: RegexNode | undefined,
  literals: readonly string[] | undefined,
): (text: string) => boolean {
  if (!syntax) return (text) => engine.matches(text);
  if (literals?.length === 1) return (text) => text === literals[0];
  if (literals) {
    const set = new Set(literals);
    return (text) => set.has(text);
  }
  const pieces = piecesOf(syntax);
  if (pieces) return (text) => matchesPieces(pieces, text);
  const { prefix, suffix, inner } = requiredTexts(syntax);
  const native = nativeRegex(syntax);
  if (native) return (text) => text.startsWith(prefix) && native.test(text);
  return (text) =>
    text.startsWith(prefix) &&
    text.endsWith(suffix) &&
    text.includes(inner) &&
    engine.matches(text);
}

function expand(engine: RE2JS, text: string, template: string): string {
  const match = engine.matcher(text);
  return match.matches() ? filledTemplate(engine, match, template) : "";
}

function failure(pattern: string, message: string): Diagnostic {
  return { severity: "error", message, from: 0, to: pattern.length };
}
