/** What a pattern means when it is plain text or a list of plain texts; found without an engine. */
export interface LiteralShape {
  /** Every text that matches, when there are only these. */
  readonly literals?: readonly string[];
  /** Text with which every match begins. */
  readonly prefix: string;
}

const PLAIN = /^[^\\.+*?()|[\]{}^$]*$/;
const ESCAPED_PUNCTUATION = /\\([-.+*?()|[\]{}^$\\/"'#&,:;<=>@_`~ ])/g;
/** Stands for an escaped character while the rest is looked at; not allowed in label text. */
const HIDDEN = "\ud800";

/** Reads `a|b\.c|d` and `(?:a|b)`; anything cleverer has only a prefix. */
export function literalShape(pattern: string): LiteralShape {
  const escaped: string[] = [];
  const bare = pattern.replace(ESCAPED_PUNCTUATION, (_, character: string) => {
    escaped.push(character);
    return HIDDEN;
  });
  const reveal = (text: string, start: number) => {
    let next = start;
    return text.replaceAll(HIDDEN, () => escaped[next++] ?? "");
  };
  const group = /^\((?:\?:)?([^()]*)\)$/.exec(bare);
  const body = group?.[1] ?? bare;
  const branches = body.split("|");
  if (branches.every((branch) => PLAIN.test(branch))) {
    let seen = 0;
    const literals = branches.map((branch) => {
      const literal = reveal(branch, seen);
      seen += branch.split(HIDDEN).length - 1;
      return literal;
    });
    return {
      literals: [...new Set(literals)],
      prefix: literals.length === 1 ? (literals[0] ?? "") : "",
    };
  }
  if (bare.includes("|")) return { prefix: "" };
  const plain = /^[^\\.+*?()|[\]{}^$]*/.exec(bare)?.[0] ?? "";
  const rest = bare.slice(plain.length);
  // A quantifier takes the last character back, also behind flags: `ab+(?i)*`.
  const sure = /^[*?{]|\(\?/.test(rest) ? [...plain].slice(0, -1).join("") : plain;
  return { prefix: reveal(sure, 0) };
}
