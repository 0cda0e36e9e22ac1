import type { RE2JS } from "re2js";

/** Letters and digits of every script belong to a name. */
const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;

/** A match's groups, as an engine's matcher has them. */
interface Groups {
  groupCount(): number;
  group(index: number): string | null;
}

/**
 * A replacement text by Go's rules: `$1x` is the group called `1x`, so is `$01` one called `01`; an
 * unknown group is empty. Read once, filled for each match.
 */
export class ReplacementTemplate {
  readonly text: string;
  /** Texts, and numbers of groups. */
  readonly #parts: readonly (string | number)[];

  constructor(engine: RE2JS, text: string) {
    this.text = text;
    const names = engine.namedGroups() as Readonly<Record<string, number>>;
    const parts: (string | number)[] = [];
    let at = 0;
    for (const { index, 0: whole, 1: bare, 2: braced } of text.matchAll(REFERENCE)) {
      const name = bare ?? braced;
      parts.push(text.slice(at, index), name === undefined ? "$" : groupOf(name, names));
      at = index + whole.length;
    }
    this.#parts = [...parts, text.slice(at)];
  }

  /** What would be longer than `lengthMax` is cut somewhere behind it. */
  fill(match: Groups, lengthMax = Number.POSITIVE_INFINITY): string {
    const groups: string[] = [];
    const filled: string[] = [];
    let length = 0;
    for (const part of this.#parts) {
      let text = part;
      if (typeof text === "number") {
        const isKnown = text <= match.groupCount();
        groups[text] ??= (isKnown && match.group(text)) || "";
        text = groups[text]!;
      }
      filled.push(text);
      length += text.length;
      if (length > lengthMax) break;
    }
    return filled.join("");
  }
}

/** Infinity for a name that no group has. */
function groupOf(name: string, names: Readonly<Record<string, number>>): number {
  if (/^(?:0|[1-9]\d{0,8})$/.test(name)) return Number(name);
  return Object.hasOwn(names, name) ? names[name]! : Number.POSITIVE_INFINITY;
}
