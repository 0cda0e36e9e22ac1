import type { Marker } from "../series/look.ts";

/** Where markers of the n-th of some series stand: about ten, shifted from series to series. */
export function markerIndexes(
  count: number,
  seriesIndex: number,
  wanted: number,
): readonly number[] {
  const every = Math.max(1, Math.round(count / wanted));
  const indexes: number[] = [];
  const first = Math.round(every * ((0.3 + 0.13 * seriesIndex) % 1));
  for (let i = first; i < count; i += every) indexes.push(i);
  return indexes;
}

/** Draws one marker; filled ones have a thin edge of the ground, so that they stand off the line. */
export function drawMarker(
  ctx: CanvasRenderingContext2D,
  marker: Marker,
  at: { readonly x: number; readonly y: number },
  colors: { readonly line: string; readonly ground: string },
  radius = 3.4,
): void {
  if (marker === "none") return;
  ctx.beginPath();
  const open = tracers[marker](ctx, at.x, at.y, radius);
  ctx.setLineDash([]);
  if (open === "stroked") {
    ctx.lineWidth = 2;
    ctx.strokeStyle = colors.line;
    ctx.stroke();
    return;
  }
  ctx.fillStyle = open === "hollow" ? colors.ground : colors.line;
  ctx.strokeStyle = open === "hollow" ? colors.line : colors.ground;
  ctx.lineWidth = open === "hollow" ? 2 : 1;
  ctx.fill();
  ctx.stroke();
}

type Tracer = (
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  r: number,
) => "filled" | "hollow" | "stroked";

const tracers: Readonly<Record<Exclude<Marker, "none">, Tracer>> = {
  circle(ctx, x, y, r) {
    ctx.arc(x, y, r, 0, 2 * Math.PI);
    return "filled";
  },
  ring(ctx, x, y, r) {
    ctx.arc(x, y, r - 0.4, 0, 2 * Math.PI);
    return "hollow";
  },
  triangle(ctx, x, y, r) {
    ctx.moveTo(x, y - r - 0.8);
    ctx.lineTo(x + r + 0.6, y + r - 0.4);
    ctx.lineTo(x - r - 0.6, y + r - 0.4);
    ctx.closePath();
    return "filled";
  },
  square(ctx, x, y, r) {
    ctx.rect(x - r + 0.3, y - r + 0.3, 2 * r - 0.6, 2 * r - 0.6);
    return "filled";
  },
  diamond(ctx, x, y, r) {
    ctx.moveTo(x, y - r - 1);
    ctx.lineTo(x + r + 1, y);
    ctx.lineTo(x, y + r + 1);
    ctx.lineTo(x - r - 1, y);
    ctx.closePath();
    return "filled";
  },
  plus(ctx, x, y, r) {
    ctx.moveTo(x - r, y);
    ctx.lineTo(x + r, y);
    ctx.moveTo(x, y - r);
    ctx.lineTo(x, y + r);
    return "stroked";
  },
  cross(ctx, x, y, r) {
    ctx.moveTo(x - r, y - r);
    ctx.lineTo(x + r, y + r);
    ctx.moveTo(x - r, y + r);
    ctx.lineTo(x + r, y - r);
    return "stroked";
  },
  bar(ctx, x, y, r) {
    ctx.moveTo(x, y - r - 1);
    ctx.lineTo(x, y + r + 1);
    return "stroked";
  },
};
