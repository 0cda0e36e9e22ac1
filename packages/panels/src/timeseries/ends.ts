/** A name at a line's end: where the line ends, and where its name stands. */
export interface EndName {
  readonly y: number;
  readonly labelY: number;
}

/**
 * Moves names apart to at least `space`, keeping their order and staying between the borders as
 * long as there is room. The result is in the order of the input.
 */
export function placeEnds(
  ys: readonly number[],
  space: number,
  top: number,
  bottom: number,
): readonly EndName[] {
  const order = ys.map((_, i) => i).sort((a, b) => (ys[a] ?? 0) - (ys[b] ?? 0));
  const placed = new Array<number>(ys.length).fill(0);
  let above = Number.NEGATIVE_INFINITY;
  for (const i of order) {
    const wanted = Math.max(ys[i] ?? 0, top);
    placed[i] = Math.max(wanted, above + space);
    above = placed[i] ?? 0;
  }
  let below = bottom + space;
  for (const i of order.toReversed()) {
    placed[i] = Math.min(placed[i] ?? 0, below - space);
    below = placed[i] ?? 0;
  }
  return ys.map((y, i) => ({ y, labelY: placed[i] ?? y }));
}
