import { RE2JS } from "re2js";
import { MOST_NESTING, MOST_REGEX_LENGTH, MOST_REGEX_STEPS } from "../limits.ts";
import { patternSize } from "./size.ts";
import { ReplacementTemplate } from "./template.ts";

/**
 * A regular expression in RE2 syntax that looks for parts of texts, in time linear in the text: as
 * Go's own functions use it, not as matchers do.
 */
export interface PartRegex {
  contains(text: string): boolean;
  /** Each match replaced by the template, with `$1`, `${name}`, `$$` filled. */
  replaceAll(text: string, template: string): string;
}

/** Compiles a pattern; the text is what is wrong with it. */
export function compilePartRegex(pattern: string): PartRegex | string {
  if (pattern.length > MOST_REGEX_LENGTH) {
    return `regular expression is longer than ${MOST_REGEX_LENGTH} characters`;
  }
  const { nesting, steps } = patternSize(pattern);
  if (nesting > MOST_NESTING) return `regular expression is nested more than ${MOST_NESTING} deep`;
  if (steps > MOST_REGEX_STEPS) return "regular expression repeats too much";
  let engine: RE2JS;
  try {
    engine = RE2JS.compile(pattern);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (engine.programSize() > MOST_REGEX_STEPS) return "regular expression repeats too much";
  return {
    contains: (text) => engine.matcher(text).find(),
    replaceAll: (text: string, template: string) => replaceAll(engine, text, template),
  };
}

function replaceAll(engine: RE2JS, text: string, template: string): string {
  const match = engine.matcher(text);
  const replacement = new ReplacementTemplate(engine, template);
  let result = "";
  let at = 0;
  while (match.find()) {
    result += text.slice(at, match.start()) + replacement.fill(match);
    at = match.end();
  }
  return result + text.slice(at);
}
