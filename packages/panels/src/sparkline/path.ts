import type { SparklineModel } from "./model.ts";

export interface SparklinePath {
  /** An SVG path for `viewBox="0 0 96 24"`. */
  readonly line: string;
  /** Where the limit lies, if it lies inside. */
  readonly limitY: number | undefined;
}

const WIDTH = 96;
const HEIGHT = 24;
/** Room for the line's own width above and below. */
const TOP = 2;
const BOTTOM = 3;

/** From 0 (or the least value, if that is lower), gaps as gaps. */
export function sparklinePath({ values, limit, state }: SparklineModel): SparklinePath {
  const finite = values.filter((value) => Number.isFinite(value));
  const least = Math.min(0, ...finite);
  // A limit far above what is measured would press the line flat; it shows once it is near.
  const greatest = Math.max(...finite, 0);
  const limitNear = limit !== undefined && (limit <= greatest * 1.5 || state !== "calm");
  // A third of air above a calm line, so that it does not look as if it were at its end.
  const most = Math.max(greatest * (state === "calm" ? 1.5 : 1.05), limitNear ? limit : 0);
  const span = most - least || 1;
  const y = (value: number) => TOP + (1 - (value - least) / span) * (HEIGHT - TOP - BOTTOM);
  const x = (index: number) => (index / Math.max(1, values.length - 1)) * (WIDTH - 3);
  let line = "";
  let drawing = false;
  for (const [i, value] of values.entries()) {
    if (!Number.isFinite(value)) {
      drawing = false;
      continue;
    }
    line += `${drawing ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
    drawing = true;
  }
  return {
    line,
    limitY: limitNear && limit !== undefined ? Number(y(limit).toFixed(1)) : undefined,
  };
}
