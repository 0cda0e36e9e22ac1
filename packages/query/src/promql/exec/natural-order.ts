import { compareText } from "@hms-ops/model";

/**
 * Whether a text stands before a different one in natural order, runs of digits as numbers and what
 * is between as text, as the library that Prometheus sorts with says it (facette/natsort). That is
 * no order: of `a1` and `a01` each stands before the other, and nothing before or behind an empty
 * text. What comes of it is up to how one sorts.
 */
export function standsBefore(a: string, b: string): boolean {
  const left = a.match(RUNS) ?? [];
  const right = b.match(RUNS) ?? [];
  for (const [i, run] of left.entries()) {
    const other = right[i];
    if (other === undefined) return false;
    const [number, otherNumber] = [wholeNumber(run), wholeNumber(other)];
    const areNumbers = number !== undefined && otherNumber !== undefined;
    if (areNumbers && number < otherNumber) return true;
    if (areNumbers && number > otherNumber) return false;
    if (!areNumbers && run !== other) return compareText(run, other) < 0;
    if (i === left.length - 1) return true;
  }
  return false;
}

const RUNS = /[0-9]+|[^0-9]+/g;
const MOST = 2n ** 63n - 1n;
const [ZERO, NINE] = [48, 57];
/** So many hold exactly. */
const SAFE_DIGITS = 15;

/** Undefined where it is none, or more than 64 bits hold. Hot: most are short. */
function wholeNumber(run: string): number | bigint | undefined {
  const first = run.charCodeAt(0);
  if (first < ZERO || first > NINE) return undefined;
  if (run.length <= SAFE_DIGITS) return Number(run);
  const number = BigInt(run);
  return number <= MOST ? number : undefined;
}
