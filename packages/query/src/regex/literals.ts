import { isOne, type RegexNode } from "./syntax.ts";

/** A class of more characters is not written out. */
const CLASS_MEMBERS_MAX = 16;
/** Texts that a sequence of choices may multiply to; a plain list may be longer. */
const PRODUCT_MAX = 256;
/** Characters of all texts together: a long list may get a short end, not a long one. */
const CHARACTERS_MAX = 1_000_000;

/** Every text that a node matches, when they are few; none twice. */
export function literalsOf(node: RegexNode): readonly string[] | undefined {
  switch (node.kind) {
    case "set":
      return members(node.ranges);
    case "choice": {
      const branches = node.branches.map(literalsOf);
      if (!branches.every((texts) => texts !== undefined)) return undefined;
      return [...new Set(branches.flat())];
    }
    case "sequence":
      return product(node.parts);
    case "repeat": {
      const { body, least, most } = node;
      if (most > CLASS_MEMBERS_MAX) return undefined;
      const counts = Array.from({ length: most - least + 1 }, (_, i) => least + i);
      const texts = counts.map((count) => product(Array.from({ length: count }, () => body)));
      if (!texts.every((list) => list !== undefined)) return undefined;
      const all = [...new Set(texts.flat())];
      return all.length <= PRODUCT_MAX ? all : undefined;
    }
  }
}

function members(ranges: readonly number[]): readonly string[] | undefined {
  const texts: string[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i + 1]! - ranges[i]! >= CLASS_MEMBERS_MAX - texts.length) return undefined;
    for (let code = ranges[i]!; code <= ranges[i + 1]!; code++) {
      if (code >= 0xd800 && code <= 0xdfff) return undefined;
      texts.push(String.fromCodePoint(code));
    }
  }
  return texts;
}

function product(parts: readonly RegexNode[]): readonly string[] | undefined {
  let texts: readonly string[] = [""];
  /** What all texts are still to end with. */
  let end = "";
  for (const part of parts) {
    const next = literalsOf(part);
    if (!next) return undefined;
    if (next.length === 1) {
      end += next[0]!;
      continue;
    }
    if (texts.length > 1 && texts.length * next.length > PRODUCT_MAX) return undefined;
    const ended = withEnd(texts, end);
    if (!ended) return undefined;
    texts = crossed(ended, next);
    end = "";
  }
  return withEnd(texts, end);
}

function withEnd(texts: readonly string[], end: string): readonly string[] | undefined {
  if (end === "") return texts;
  if (texts.length > 1 && texts.length * end.length > CHARACTERS_MAX) return undefined;
  return texts.map((text) => text + end);
}

function crossed(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...new Set(left.flat().flatMap((text) => right.map((other) => text + other)))];
}

/** Texts without which nothing matches; each may be empty. */
export interface RequiredTexts {
  readonly prefix: string;
  readonly suffix: string;
  /** The longest that must stand somewhere. */
  readonly inner: string;
}

const NOTHING: RequiredTexts = { prefix: "", suffix: "", inner: "" };

interface Requirement extends RequiredTexts {
  /** The node matches just this text. */
  readonly exact?: string;
}

export function requiredTexts(node: RegexNode): RequiredTexts {
  return requirement(node);
}

function requirement(node: RegexNode): Requirement {
  switch (node.kind) {
    case "set":
      return isOne(node.ranges) ? exactly(String.fromCodePoint(node.ranges[0]!)) : NOTHING;
    case "sequence":
      return node.parts.map(requirement).reduce(joined, exactly(""));
    case "choice":
      return node.branches.map(requirement).reduce(common);
    case "repeat": {
      if (node.least === 0) return NOTHING;
      const { prefix, suffix, inner, exact } = requirement(node.body);
      return exact !== undefined && node.most === 1 ? exactly(exact) : { prefix, suffix, inner };
    }
  }
}

function exactly(text: string): Requirement {
  return { exact: text, prefix: text, suffix: text, inner: text };
}

function joined(left: Requirement, right: Requirement): Requirement {
  if (left.exact !== undefined && right.exact !== undefined) {
    return exactly(left.exact + right.exact);
  }
  const prefix = left.exact === undefined ? left.prefix : left.exact + right.prefix;
  const suffix = right.exact === undefined ? right.suffix : left.suffix + right.exact;
  const candidates = [prefix, suffix, left.inner, right.inner, left.suffix + right.prefix];
  return { prefix, suffix, inner: longest(candidates) };
}

function common(left: Requirement, right: Requirement): Requirement {
  let prefix = 0;
  while (prefix < left.prefix.length && left.prefix[prefix] === right.prefix[prefix]) prefix++;
  let suffix = 0;
  const fromEnd = (text: string) => text[text.length - 1 - suffix];
  while (suffix < left.suffix.length && fromEnd(left.suffix) === fromEnd(right.suffix)) suffix++;
  const texts = {
    prefix: left.prefix.slice(0, prefix),
    suffix: left.suffix.slice(left.suffix.length - suffix),
  };
  return { ...texts, inner: longest([texts.prefix, texts.suffix]) };
}

function longest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length > best.length ? text : best));
}
