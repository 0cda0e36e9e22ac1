import { type Columns, HISTOGRAM_HIGH } from "./columns.ts";

/**
 * Adds both to `into`, rising in time; of two rows at one time the earlier one's stays. `into` is
 * neither of them.
 */
export function mergeRows(earlier: Columns, later: Columns, into: Columns): void {
  into.reserve(earlier.count + later.count);
  let a = 0;
  let b = 0;
  while (a < earlier.count && b < later.count) {
    const left = earlier.timesMs[a]!;
    const right = later.timesMs[b]!;
    if (left <= right) {
      copyRow(earlier, a++, into);
      if (left === right) b++;
    } else {
      copyRow(later, b++, into);
    }
  }
  while (a < earlier.count) copyRow(earlier, a++, into);
  while (b < later.count) copyRow(later, b++, into);
}

function copyRow(from: Columns, row: number, into: Columns): void {
  const low = from.valueWords[2 * row]!;
  const high = from.valueWords[2 * row + 1]!;
  if (high !== HISTOGRAM_HIGH) {
    into.push(from.timesMs[row]!, low, high);
    return;
  }
  into.push(from.timesMs[row]!, into.blobs.length, high);
  into.blobs.push(from.blobs[low]!);
}
