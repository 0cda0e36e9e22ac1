const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const BACKSLASH = 0x5c;

export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return at;
}

/** The end of the run without blanks that begins at `start`. */
export function tokenEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) at++;
  return at;
}

/**
 * Hot. Where the series text that begins at `start` ends: behind the name, or behind the label
 * block, in whose values a `}` may stand. −1 when the block has no end.
 */
export function seriesTextEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === OPEN) return labelBlockEnd(bytes, at, end);
    if (byte === SPACE || byte === TAB) {
      const next = skipBlanks(bytes, at, end);
      return bytes[next] === OPEN && next < end ? labelBlockEnd(bytes, next, end) : at;
    }
  }
  return end;
}

function labelBlockEnd(bytes: Uint8Array, open: number, end: number): number {
  let quoted = false;
  for (let at = open + 1; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === BACKSLASH && quoted) at++;
    else if (byte === CLOSE && !quoted) return at + 1;
  }
  return -1;
}
