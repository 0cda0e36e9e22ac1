/** `s1` … `s8` in the order they are given out; status colours only where a board asks for them. */
export type SeriesColor =
  | "s1"
  | "s2"
  | "s3"
  | "s4"
  | "s5"
  | "s6"
  | "s7"
  | "s8"
  | "ok"
  | "warn"
  | "crit"
  | "compare";

export type Marker =
  | "circle"
  | "triangle"
  | "square"
  | "diamond"
  | "ring"
  | "plus"
  | "cross"
  | "bar"
  | "none";

/** How a series is told from the others: three signs, of which colour is one. */
export interface SeriesLook {
  readonly color: SeriesColor;
  /** CSS px, line and gap in turn; empty = solid. */
  readonly dash: readonly number[];
  readonly marker: Marker;
}

const COLORS = ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"] as const;
const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [12, 4],
  [4, 2],
  [1, 2],
  [6, 2, 1, 2, 1, 2],
];
const MARKERS: readonly Marker[] = [
  "circle",
  "triangle",
  "square",
  "diamond",
  "ring",
  "plus",
  "cross",
  "bar",
];

/** More lines than looks: the rest become one grey bundle. */
export const LOOK_COUNT = COLORS.length;

/** The look of the n-th series; from the ninth on they repeat. */
export function lookAt(index: number, color?: SeriesColor): SeriesLook {
  const turn = index % LOOK_COUNT;
  return {
    color: color ?? COLORS[turn] ?? "s8",
    dash: DASHES[turn] ?? [],
    marker: MARKERS[turn] ?? "circle",
  };
}

/** The same time earlier: dotted, grey, without markers. */
export const COMPARE_LOOK: SeriesLook = { color: "compare", dash: [1, 3], marker: "none" };

/** Series beyond the eighth, drawn thin and grey behind the others. */
export const BUNDLE_LOOK: SeriesLook = { color: "compare", dash: [], marker: "none" };

/**
 * Gives out looks on one page: a name keeps its look in every panel and after every refresh.
 * A name that asks for a colour gets it, with the dash and marker of its own place in the order.
 */
export class Palette {
  readonly #indexByName = new Map<string, number>();

  lookOf(name: string, color?: SeriesColor): SeriesLook {
    let index = this.#indexByName.get(name);
    if (index === undefined) {
      index = this.#indexByName.size;
      this.#indexByName.set(name, index);
    }
    return lookAt(index, color);
  }
}
