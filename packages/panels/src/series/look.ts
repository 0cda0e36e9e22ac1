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
 * What a page remembers about its panels, so that a refresh or a second panel shows the same thing
 * the same way: a name keeps its look, a panel that once needed two lanes keeps them.
 */
export class Palette {
  readonly #slotByName = new Map<string, number>();
  readonly #splitPanels = new Set<number>();

  /**
   * Looks for the series of one panel, in their order. A known name keeps its look unless another
   * series of this panel has it already; a new one takes the first that is free in this panel.
   */
  looksOf(wanted: readonly WantedLook[]): readonly SeriesLook[] {
    const slots = new Array<number | undefined>(wanted.length);
    const taken = new Set<number>();
    for (const [i, { name }] of wanted.entries()) {
      const known = this.#slotByName.get(name);
      if (known === undefined || taken.has(known)) continue;
      slots[i] = known;
      taken.add(known);
    }
    return wanted.map(({ name, color }, i) => {
      const slot = slots[i] ?? this.#freeSlot(taken);
      taken.add(slot);
      if (!this.#slotByName.has(name)) this.#slotByName.set(name, slot);
      return lookAt(slot, color);
    });
  }

  /** Whether the panel is drawn in two lanes; once true it stays true. */
  keepSplit(panelId: number, wanted: boolean): boolean {
    if (wanted) this.#splitPanels.add(panelId);
    return this.#splitPanels.has(panelId);
  }

  #freeSlot(taken: ReadonlySet<number>): number {
    let slot = 0;
    while (taken.has(slot)) slot++;
    return slot;
  }
}

export interface WantedLook {
  readonly name: string;
  /** A board's own wish; dash and marker still go with the place. */
  readonly color?: SeriesColor;
}
