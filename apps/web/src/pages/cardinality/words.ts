import type { CardinalityFigures } from "../../hub-types.ts";

export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** `+ 12`, `− 3`, `0`. */
export function changeText(change: number): string {
  if (change === 0) return "0";
  return `${change < 0 ? "−" : "+"} ${countText(Math.abs(change))}`;
}

export function growthOf({ series, seriesDayAgo }: CardinalityFigures): number {
  return series - seriesDayAgo;
}

/**
 * The page's first line: how many there are, and whether that changes; of data that is younger than
 * a day only the first.
 */
export function cardinalitySentence(total: CardinalityFigures, isYoung: boolean): string {
  const { series } = total;
  const change = growthOf(total);
  const now = `${countText(series)} series`;
  if (isYoung) return now;
  if (change === 0) return `${now}, as many as a day ago`;
  return `${now}, ${countText(Math.abs(change))} ${change > 0 ? "more" : "fewer"} than a day ago`;
}

/** How much of what lives now is younger than an hour: `4 %`; what has no series says so. */
export function churnText({ series, createdHour }: CardinalityFigures): string {
  if (series === 0) return "–";
  const share = (100 * createdHour) / series;
  return `${share > 0 && share < 1 ? "< 1" : Math.round(share)} %`;
}
