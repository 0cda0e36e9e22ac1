import { RE2JS } from "re2js";
import { MOST_NESTING, MOST_REGEX_LENGTH, MOST_REGEX_STEPS } from "../limits.ts";
import { patternSize } from "./size.ts";

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
  let result = "";
  let at = 0;
  while (match.find()) {
    result += text.slice(at, match.start()) + filledTemplate(engine, match, template);
    at = match.end();
  }
  return result + text.slice(at);
}

const REFERENCE = /\$(?:\$|([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})/g;

/** A match's groups, as an engine's matcher has them. */
interface Groups {
  groupCount(): number;
  group(index: number): string | null;
}

/**
 * Go's expansion rules: `$1x` is the group called `1x`, an unknown group is empty. What would be
 * longer than `lengthMax` is cut somewhere behind it.
 */
export function filledTemplate(
  engine: RE2JS,
  match: Groups,
  template: string,
  lengthMax = Number.POSITIVE_INFINITY,
): string {
  const groups = engine.namedGroups() as Record<string, number>;
  const group = (name: string): string => {
    const index = /^\d+$/.test(name) ? Number(name) : groups[name];
    if (index === undefined || index > match.groupCount()) return "";
    return match.group(index) ?? "";
  };
  let filled = "";
  let at = 0;
  for (const { index, 0: whole, 1: bare, 2: braced } of template.matchAll(REFERENCE)) {
    const name = bare ?? braced;
    filled += template.slice(at, index) + (name === undefined ? "$" : group(name));
    at = index + whole.length;
    if (filled.length > lengthMax) return filled;
  }
  return filled + template.slice(at);
}
