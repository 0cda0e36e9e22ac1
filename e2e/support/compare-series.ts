import type { SeriesText } from "./remote-read.ts";

/** What one store has and the other has not, in words; empty when both hold the same samples. */
export function seriesDifference(ours: SeriesText, theirs: SeriesText): string {
  for (const [name, lines] of theirs) {
    const mine = ours.get(name);
    if (!mine) return `ours has no ${name} (${lines.length} samples, the first ${lines[0]})`;
    if (mine.length !== lines.length || mine.some((line, i) => line !== lines[i])) {
      const gap = lines.find((line) => !mine.includes(line));
      const extra = mine.find((line) => !lines.includes(line));
      return `${name}: ${mine.length} and ${lines.length} samples; ours lacks ${gap}, has ${extra} too much`;
    }
  }
  const alone = [...ours.keys()].find((name) => !theirs.has(name));
  return alone === undefined ? "" : `ours alone has ${alone}`;
}
