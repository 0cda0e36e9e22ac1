import type { Random } from "@hms-ops/model";

const KEYWORDS =
  /^(?:sum|avg|min|max|count|group|stddev|stdvar|quantile|topk|bottomk|count_values|by|without|on|ignoring|group_left|group_right|and|or|unless|bool|offset|atan2|Inf|NaN)$/;
/** Texts, names, signs and blanks, each a piece of its own. */
const PIECES = /"(?:\\.|[^"\\])*"|[a-zA-Z_:][\w:]*|\d[\w.]*|\s+|./gs;

/** The same query in other words: case of keywords, quotes, comments, line breaks, numbers. */
export function disguise(random: Random, query: string): string {
  const pieces = query.match(PIECES) ?? [];
  let inBrackets = 0;
  return pieces
    .map((piece, i) => {
      if (piece === "[" || piece === "{") inBrackets++;
      if (piece === "]" || piece === "}") inBrackets--;
      if (piece.startsWith('"')) return requoted(random, piece);
      if (inBrackets > 0) return piece;
      if (KEYWORDS.test(piece) && random.below(3) === 0) return piece.toUpperCase();
      if (/^\s+$/.test(piece) && random.below(6) === 0) return random.pick(BLANKS);
      const isArgument = /^[(,\s]$/.test(pieces[i - 1] ?? "") && pieces[i - 2] !== "offset";
      return isArgument && /^\d+$/.test(piece) ? renumbered(random, piece) : piece;
    })
    .join("");
}

const BLANKS = ["  ", "\n", "\t", " # why\n", "\r\n"];

function requoted(random: Random, text: string): string {
  const inner = text.slice(1, -1);
  if (/["'`\\]/.test(inner)) return text;
  const escaped = [...inner].map((character) => {
    const code = character.charCodeAt(0);
    if (code > 126 || random.below(5) > 0) return character;
    const hex = code.toString(16).padStart(2, "0");
    return random.pick([`\\x${hex}`, `\\u00${hex}`, `\\${code.toString(8).padStart(3, "0")}`]);
  });
  return random.pick([text, `'${inner}'`, `\`${inner}\``, `"${escaped.join("")}"`]);
}

/** An integer without a leading zero in another notation that 2.42 knows. */
function renumbered(random: Random, digits: string): string {
  const value = Number(digits);
  if (digits.startsWith("0") && digits !== "0") return digits;
  return random.pick([
    digits,
    `0x${value.toString(16)}`,
    `${digits}.0`,
    `${digits}e0`,
    value > 0 ? `0${value.toString(8)}` : digits,
  ]);
}

const PIECES_TO_INSERT = [
  ..."()[]{},:+-*/%^=<>'\"`@ \\5mxa1_.;$é#",
  ..."\n",
  "==",
  "!=",
  "=~",
  "!~",
  "offset",
  "by",
  "without",
  "on",
  "ignoring",
  "group_left",
  "bool",
  "sum",
  "rate",
  "and",
  "start()",
  "end",
  "5m",
  "topk",
  '"s"',
  "nope",
  "count_values",
  "on (a)",
  "[5m]",
  "[310s:1m]",
  "offset 5m",
  "@ 5",
  "1e",
  "NaN",
];

/** A query with a piece or two put in, left out or changed; mostly wrong then. */
export function damage(random: Random, query: string): string {
  const known = new Set([query, ...PIECES_TO_INSERT].join(" ").match(LENGTHS));
  for (;;) {
    const damaged = damageOnce(random, query);
    if ((damaged.match(LENGTHS) ?? []).every((length) => known.has(length))) return damaged;
  }
}

/**
 * With the colon of a sub-query. Others than the generator chose may be right and yet mean what has
 * changed: a window that begins on a step, or before the data (docs/promql-differences.md).
 */
const LENGTHS = /\d+(?:ms|[smhdwy]):?/g;

function damageOnce(random: Random, query: string): string {
  const pieces: string[] = [...(query.match(PIECES) ?? [])];
  for (let change = 0; change <= random.below(2); change++) {
    const inserted = random.below(3) > 0 ? [random.pick(PIECES_TO_INSERT)] : [];
    pieces.splice(random.below(pieces.length + 1), random.below(2), ...inserted);
  }
  return pieces.join("");
}

/**
 * Words in which 2.42 refuses what 3 understands: durations as numbers and in arithmetic, quoted
 * names, words that became keywords; and a pinned range in parentheses, which it takes for a vector
 * (docs/promql-differences.md).
 */
const REFUSED_BY_2 = [
  /bad duration syntax/,
  /missing unit character in duration/,
  /not a valid duration string/,
  /unexpected duration/,
  /expected duration/,
  /unexpected metric identifier .* in grouping opts/,
  /unexpected string .* in (?:label matching|grouping opts)/,
  /in subquery (?:selector|or range)/,
  /unexpected colon/,
  /unexpected <op:\/>/,
  /unexpected number .* in (?:offset|subquery)/,
  /^unexpected number of samples$/,
];

/** Whether an error of Debian's 2.42 is one of the differences of version that are listed. */
export function isRefusedByAge(query: string, error: string): boolean {
  // A duration is no number there, so that nothing follows the comma.
  if (/trailing commas/.test(error) && /,\s*\d+(?:ms|[smhdwy])/.test(query)) return true;
  return REFUSED_BY_2.some((reason) => reason.test(error));
}
