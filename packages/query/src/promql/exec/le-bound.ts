/** The number that a bucket's `le` is, read as Go reads it (strconv.ParseFloat); undefined: none. */
export function leBound(le: string): number | undefined {
  if (/^[+]?inf(inity)?$/i.test(le)) return Number.POSITIVE_INFINITY;
  if (/^-inf(inity)?$/i.test(le)) return Number.NEGATIVE_INFINITY;
  if (/^nan$/i.test(le)) return Number.NaN;
  const bound = DECIMAL.test(le) ? Number(le.replaceAll("_", "")) : hexadecimal(le);
  // What is beyond 64 bits is no number for Go.
  return bound !== undefined && Number.isFinite(bound) ? bound : undefined;
}

/** Underscores stand between digits, in hexadecimal ones behind the x, too. */
const DIGITS = "\\d(?:_?\\d)*";
const DECIMAL = new RegExp(
  `^[+-]?(?:${DIGITS}(?:\\.(?:${DIGITS})?)?|\\.${DIGITS})(?:e[+-]?${DIGITS})?$`,
  "i",
);
const HEX = "[\\da-f](?:_?[\\da-f])*";
const HEXADECIMAL = new RegExp(
  `^([+-]?)0x((?:_?${HEX})?)(?:\\.((?:${HEX})?))?p([+-]?${DIGITS})$`,
  "i",
);

function hexadecimal(le: string): number | undefined {
  const [, sign, whole = "", fraction = "", power = ""] = HEXADECIMAL.exec(le) ?? [];
  const [before, behind] = [whole.replaceAll("_", ""), fraction.replaceAll("_", "")];
  if (before + behind === "") return undefined;
  const exponent = Number(power.replaceAll("_", "")) - 4 * behind.length;
  const size = Number(`0x${before}${behind}`) * 2 ** exponent;
  return sign === "-" ? -size : size;
}
