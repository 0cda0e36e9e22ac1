/** So many Go sorts by insertion, which shows where `compare` contradicts itself. */
const INSERTED_MOST = 12;

/** As Go's slices.SortFunc leaves them; in place. */
export function sortAsGo<T>(items: T[], compare: (a: T, b: T) => number): T[] {
  if (items.length > INSERTED_MOST) return items.sort(compare);
  for (let i = 1; i < items.length; i++) {
    for (let k = i; k > 0 && compare(items[k]!, items[k - 1]!) < 0; k--) {
      [items[k], items[k - 1]] = [items[k - 1]!, items[k]!];
    }
  }
  return items;
}
