/** A piece of an action, between `{{` and `}}`. */
export interface Token {
  readonly kind: "word" | "field" | "variable" | "string" | "number" | "symbol";
  /** Strings are unquoted; fields and variables are without their `.` and `$`. */
  readonly text: string;
  /** Whether blank space stands before it: `$x .y` are two operands, `$x.y` is one. */
  readonly spaced: boolean;
}

const TOKEN =
  /\s*(?:("(?:[^"\\\n]|\\.)*")|`([^`]*)`|('(?:[^'\\\n]|\\.)')|([+-]?(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|\$([\w\p{L}]*)|\.([\p{L}_][\w\p{L}]*)|([\p{L}_][\w\p{L}]*)|(:=|[.|(),=]))/uy;

/** The tokens of an action's inside, or what cannot be read of it. */
export function readTokens(action: string): readonly Token[] | string {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = action.trimEnd().length;
  let at = 0;
  while (at < end) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(action);
    if (!match) return `unexpected ${JSON.stringify(action.slice(at).trim().slice(0, 12))}`;
    const spaced = /\s/.test(action[at] ?? "");
    const [, quoted, raw, character, number, variable, field, word, symbol] = match;
    const text = quoted === undefined ? raw : unquote(quoted);
    if (quoted !== undefined && text === undefined) return `bad string ${quoted}`;
    if (text !== undefined) tokens.push({ kind: "string", text, spaced });
    else if (character !== undefined) {
      tokens.push({ kind: "number", text: String(character.codePointAt(1)), spaced });
    } else if (number !== undefined) {
      tokens.push({ kind: "number", text: number.replaceAll("_", ""), spaced });
    } else if (variable !== undefined) tokens.push({ kind: "variable", text: variable, spaced });
    else if (field !== undefined) tokens.push({ kind: "field", text: field, spaced });
    else if (word !== undefined) tokens.push({ kind: "word", text: word, spaced });
    else tokens.push({ kind: "symbol", text: symbol ?? "", spaced });
    at = TOKEN.lastIndex;
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unquote(quoted: string): string | undefined {
  let bad = false;
  const text = quoted
    .slice(1, -1)
    .replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/g, (_all, escaped: string) => {
      if (escaped.length > 1) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
      if (escaped in ESCAPES) return ESCAPES[escaped] ?? "";
      bad ||= !/["\\']/.test(escaped);
      return escaped;
    });
  return bad ? undefined : text;
}
