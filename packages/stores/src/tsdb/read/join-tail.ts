import type { Columns } from "../memory/columns.ts";

const scratch = { timesMs: new Float64Array(1_024), words: new Uint32Array(2_048) };

/**
 * Makes the rows from `start` on, of which those from `middle` on came later, rise in time; of two
 * at one time the earlier one stays. Both parts must rise in themselves. Hot: where the later part
 * is newer, nothing moves.
 */
export function joinTail(columns: Columns, start: number, middle: number): void {
  const { count, timesMs, valueWords } = columns;
  if (middle === start || middle === count) return;
  if (timesMs[middle]! > timesMs[middle - 1]!) return;
  const earlier = copyEarlier(columns, start, middle);
  let left = 0;
  let right = middle;
  let row = start;
  // Rows are written at or before the place from which the later ones are read.
  while (left < earlier && right < count) {
    const leftMs = scratch.timesMs[left]!;
    const rightMs = timesMs[right]!;
    if (leftMs <= rightMs) {
      takeEarlier(columns, left++, row++);
      if (leftMs === rightMs) right++;
    } else {
      timesMs[row] = rightMs;
      valueWords[2 * row] = valueWords[2 * right]!;
      valueWords[2 * row + 1] = valueWords[2 * right + 1]!;
      row++;
      right++;
    }
  }
  while (left < earlier) takeEarlier(columns, left++, row++);
  timesMs.copyWithin(row, right, count);
  valueWords.copyWithin(2 * row, 2 * right, 2 * count);
  columns.count = row + count - right;
}

function takeEarlier({ timesMs, valueWords }: Columns, left: number, row: number): void {
  timesMs[row] = scratch.timesMs[left]!;
  valueWords[2 * row] = scratch.words[2 * left]!;
  valueWords[2 * row + 1] = scratch.words[2 * left + 1]!;
}

/** To scratch; answers how many they are. */
function copyEarlier(columns: Columns, start: number, middle: number): number {
  const count = middle - start;
  if (count > scratch.timesMs.length) {
    scratch.timesMs = new Float64Array(2 * count);
    scratch.words = new Uint32Array(4 * count);
  }
  scratch.timesMs.set(columns.timesMs.subarray(start, middle));
  scratch.words.set(columns.valueWords.subarray(2 * start, 2 * middle));
  return count;
}
