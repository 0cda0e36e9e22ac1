import type { NameSearch } from "../ports.ts";

/** How well a text resembles what is searched, above 0 to 1; below 0 = not at all. */
export type Score = (text: string) => number;

/** A text by character: a string where each UTF-16 unit is one, else its characters. */
type Characters = ArrayLike<string>;

const REFUSED = -1;
/** Of a common beginning, in the similarity of Jaro and Winkler. */
const PREFIX_MOST = 4;
const PREFIX_WEIGHT = 0.1;

/** The best score of all terms, any of which may match; without terms everything scores 1. */
export function scoreOf(search: Pick<NameSearch, "terms" | "fuzz" | "caseSensitive">): Score {
  const { terms, fuzz, caseSensitive } = search;
  if (terms.length === 0) return () => 1;
  const scores = terms.map((term) => {
    const wanted = caseSensitive ? term : term.toLowerCase();
    return fuzz.algorithm === "subsequence"
      ? subsequenceScore(wanted, fuzz.threshold)
      : similarityScore(wanted, fuzz.threshold);
  });
  return (text) => {
    const compared = caseSensitive ? text : text.toLowerCase();
    let best = REFUSED;
    for (const score of scores) {
      best = Math.max(best, score(compared));
      if (best >= 1) break;
    }
    return best;
  };
}

/** All characters of the term in their order; runs count more, gaps less. */
function subsequenceScore(term: string, threshold: number): Score {
  const wanted = charactersOf(term);
  return (text) => {
    if (text.startsWith(term)) return 1;
    const score = bestRuns(wanted, charactersOf(text));
    return score > 0 && score >= threshold ? score : REFUSED;
  };
}

/** The term itself anywhere, the nearer to the beginning the better; else a similar text. */
function similarityScore(term: string, threshold: number): Score {
  const wanted = charactersOf(term);
  const similarity = new Similarity();
  return (text) => {
    const at = text.indexOf(term);
    if (at === 0) return 1;
    if (at > 0) {
      const before = charactersOf(text.slice(0, at)).length;
      return 1 - (0.9 * before) / (charactersOf(text).length - wanted.length);
    }
    if (threshold === 0) return REFUSED;
    const score = similarity.of(wanted, charactersOf(text));
    return score >= threshold ? score : REFUSED;
  };
}

function charactersOf(text: string): Characters {
  return /[\ud800-\udfff]/.test(text) ? [...text] : text;
}

/** 0 to 1; the squares of the runs less a little for the gaps, of the beginning that does best. */
function bestRuns(term: Characters, text: Characters): number {
  let best = 0;
  for (let start = 0; start <= text.length - term.length; start++) {
    if (text[start] !== term[0]) continue;
    const score = runsFrom(start, term, text);
    // What cannot be completed from here cannot from any later place.
    if (score === undefined) break;
    best = Math.max(best, score);
  }
  return best / (term.length * term.length);
}

function runsFrom(start: number, term: Characters, text: Characters): number | undefined {
  const length = text.length;
  let score = 0;
  let matched = 0;
  let at = start;
  let lastEnd = 0;
  while (matched < term.length) {
    while (at < length && text[at] !== term[matched]) at++;
    if (at === length) return undefined;
    const from = at;
    while (matched < term.length && at < length && text[at] === term[matched]) {
      at++;
      matched++;
    }
    score += (at - from) ** 2 - (from - lastEnd) / length;
    lastEnd = at;
  }
  return score - (length - lastEnd) / length / 2;
}

/** The similarity of Jaro and Winkler; its marks are used again and again. */
class Similarity {
  #shortMarks = new Uint8Array(64);
  #longMarks = new Uint8Array(64);

  of(a: Characters, b: Characters): number {
    const [short, long] = a.length <= b.length ? [a, b] : [b, a];
    if (short.length === 0) return 0;
    const matches = this.#mark(short, long);
    if (matches === 0) return 0;
    const moved = this.#moved(short, long);
    const shares = matches / short.length + matches / long.length;
    const jaro = (shares + (matches - moved / 2) / matches) / 3;
    let prefix = 0;
    while (prefix < Math.min(PREFIX_MOST, short.length) && short[prefix] === long[prefix]) prefix++;
    return jaro + prefix * PREFIX_WEIGHT * (1 - jaro);
  }

  /** Marks the characters that both have near the same place; how many. */
  #mark(short: Characters, long: Characters): number {
    if (this.#longMarks.length < long.length) {
      this.#shortMarks = new Uint8Array(long.length * 2);
      this.#longMarks = new Uint8Array(long.length * 2);
    }
    this.#shortMarks.fill(0, 0, short.length);
    this.#longMarks.fill(0, 0, long.length);
    const reach = Math.max(Math.floor(long.length / 2) - 1, 0);
    let matches = 0;
    for (let i = 0; i < short.length; i++) {
      const end = Math.min(i + reach + 1, long.length);
      for (let j = Math.max(i - reach, 0); j < end; j++) {
        if (this.#longMarks[j] || short[i] !== long[j]) continue;
        this.#shortMarks[i] = 1;
        this.#longMarks[j] = 1;
        matches++;
        break;
      }
    }
    return matches;
  }

  /** How many of the marked characters stand in another order. */
  #moved(short: Characters, long: Characters): number {
    let moved = 0;
    let j = 0;
    for (let i = 0; i < short.length; i++) {
      if (!this.#shortMarks[i]) continue;
      while (!this.#longMarks[j]) j++;
      if (short[i] !== long[j]) moved++;
      j++;
    }
    return moved;
  }
}
