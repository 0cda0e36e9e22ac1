import type { Diagnostic } from "@hms-ops/model";
import { RE2JS } from "re2js";
import {
  MOST_CACHED_REGEX_STEPS,
  MOST_NESTING,
  MOST_REGEX_LENGTH,
  MOST_REGEX_STEPS,
  MOST_TEXT_LIST_LENGTH,
} from "../limits.ts";
import { nativeRegex } from "./deterministic.ts";
import { literalsOf, requiredTexts } from "./literals.ts";
import { matchesPieces, piecesOf } from "./pieces.ts";
import { patternSize } from "./size.ts";
import { type RegexNode, readSyntax } from "./syntax.ts";
import { ReplacementTemplate } from "./template.ts";

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
let cachedSteps = 0;

/** Compiles a pattern, or says where it is wrong. */
export function compileRegex(pattern: string): LinearRegex | Diagnostic {
  const known = cache.get(pattern);
  if (known) return known;
  const size = patternSize(pattern);
  if (size.nesting > MOST_NESTING) return failure(pattern, TOO_DEEP);
  if (pattern.length > MOST_REGEX_LENGTH) return compileTextList(pattern);
  if (size.steps > MOST_REGEX_STEPS) return failure(pattern, REPEATS_TOO_MUCH);
  const engine = compileEngine(pattern);
  if (!(engine instanceof RE2JS)) return engine;
  if (engine.programSize() > MOST_REGEX_STEPS) return failure(pattern, REPEATS_TOO_MUCH);
  const syntax = readSyntax(pattern);
  const literals = syntax && literalsOf(syntax);
  const prefix = syntax ? requiredTexts(syntax).prefix : "";
  const test = testFor(engine, syntax, literals);
  return remembered(
    linearRegex({ pattern, literals, prefix, test }, () => engine),
    engine.programSize(),
  );
}

/** A pattern so long that only what is a list of texts is quick. */
function compileTextList(pattern: string): LinearRegex | Diagnostic {
  const limits = `${MOST_REGEX_LENGTH} characters, and no list of texts of at most ${MOST_TEXT_LIST_LENGTH}`;
  const tooLong = failure(pattern, `regular expression is longer than ${limits}`);
  // The engine refuses group names given twice and some counts, and it is not asked here.
  if (pattern.length > MOST_TEXT_LIST_LENGTH || /\(\?P?<|\{/.test(pattern)) return tooLong;
  const syntax = readSyntax(pattern);
  const literals = syntax && literalsOf(syntax);
  const test = syntax && (literals ? testOfTexts(literals) : testOfPieces(syntax));
  if (!test) return tooLong;
  let engine: RE2JS | undefined;
  const engineOf = () => {
    engine ??= RE2JS.compile(pattern, RE2JS.DOTALL);
    return engine;
  };
  const { prefix } = requiredTexts(syntax);
  return remembered(linearRegex({ pattern, literals, prefix, test }, engineOf), pattern.length);
}

function compileEngine(pattern: string): RE2JS | Diagnostic {
  try {
    return RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch (error) {
    // The engine shows a whole pattern with the flag that it was given.
    const reason = (error instanceof Error ? error.message : String(error)).replace(
      `\`(?s)${pattern}\``,
      () => `\`${pattern}\``,
    );
    const isWhole = reason.startsWith("error parsing");
    const told = isWhole ? reason : `error parsing regexp: ${reason}`;
    // Go's words name the part that is wrong, also where it is empty.
    return failure(
      pattern,
      told.endsWith("trailing backslash at end of expression") ? `${told}: \`\`` : told,
    );
  }
}

function remembered(regex: LinearRegex, steps: number): LinearRegex {
  if (cachedSteps + steps > MOST_CACHED_REGEX_STEPS) {
    cache.clear();
    cachedSteps = 0;
  }
  cache.set(regex.pattern, regex);
  cachedSteps += steps;
  return regex;
}

export function isRegex(compiled: LinearRegex | Diagnostic): compiled is LinearRegex {
  return "test" in compiled;
}

interface Recognizer {
  readonly pattern: string;
  readonly literals: readonly string[] | undefined;
  readonly prefix: string;
  readonly test: (text: string) => boolean;
}

function linearRegex({ literals, ...rest }: Recognizer, engine: () => RE2JS): LinearRegex {
  /** A query has one template for all its series. */
  let last: ReplacementTemplate | undefined;
  return {
    ...rest,
    ...(literals && { literals }),
    replace: (text, template, lengthMax) => {
      if (!rest.test(text)) return undefined;
      if (last?.text !== template) last = new ReplacementTemplate(engine(), template);
      const match = engine().matcher(text);
      return match.matches() ? last.fill(match, lengthMax) : "";
    },
  };
}

/** The quickest test that decides alike: plain texts, else V8 where it cannot be slow, else RE2. */
function testFor(
  engine: RE2JS,
  syntax: RegexNode | undefined,
  literals: readonly string[] | undefined,
): (text: string) => boolean {
  if (!syntax) return (text) => engine.matches(text);
  const quick = literals ? testOfTexts(literals) : testOfPieces(syntax);
  if (quick) return quick;
  const { prefix, suffix, inner } = requiredTexts(syntax);
  const native = nativeRegex(syntax);
  if (native) return (text) => text.startsWith(prefix) && native.test(text);
  return (text) =>
    text.startsWith(prefix) &&
    text.endsWith(suffix) &&
    text.includes(inner) &&
    engine.matches(text);
}

function testOfTexts(texts: readonly string[]): (text: string) => boolean {
  if (texts.length === 1) return (text) => text === texts[0];
  const set = new Set(texts);
  return (text) => set.has(text);
}

function testOfPieces(syntax: RegexNode): ((text: string) => boolean) | undefined {
  const pieces = piecesOf(syntax);
  return pieces && ((text) => matchesPieces(pieces, text));
}

const TOO_DEEP = `regular expression is nested more than ${MOST_NESTING} deep`;
const REPEATS_TOO_MUCH = "regular expression repeats too much: it would be slow on every text";

function failure(pattern: string, message: string): Diagnostic {
  return { severity: "error", message, from: 0, to: pattern.length };
}
