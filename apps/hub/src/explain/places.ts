export interface Place {
  readonly from: number;
  readonly to: number;
}

/**
 * A place in PromQL as a place in the text from which it was made; where that part of it is not
 * found once, the whole text.
 */
export function placeIn(text: string, promql: string, { from, to }: Place): Place {
  if (text === promql) return clamped(text, from, to);
  const at = onlyPlaceOf(promql.slice(from, to), text);
  return at === undefined ? { from: 0, to: text.length } : { from: at, to: at + (to - from) };
}

/** Where a message says that it begins: at the end of the text too, where no mark can be seen. */
export function startIn(text: string, promql: string, place: Place): number {
  return text === promql ? Math.min(place.from, text.length) : placeIn(text, promql, place).from;
}

/** Where a word stands in a text, if it stands there once and as a whole. */
export function onlyPlaceOf(word: string, text: string): number | undefined {
  if (word === "") return undefined;
  const found: number[] = [];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const isWhole =
      !isWordAt(text, at - 1, word[0]) && !isWordAt(text, at + word.length, word.at(-1));
    if (isWhole) found.push(at);
  }
  return found.length === 1 ? found[0] : undefined;
}

/** Both sides of a border are parts of one word. */
function isWordAt(text: string, at: number, neighbour = ""): boolean {
  return /[\w:.]/.test(text[at] ?? "") && /[\w:.]/.test(neighbour);
}

/** A mark must be seen, so it is never empty while there is text. */
function clamped(text: string, from: number, to: number): Place {
  const end = Math.min(Math.max(to, from + 1), text.length);
  return { from: Math.max(0, Math.min(from, end - 1)), to: end };
}
