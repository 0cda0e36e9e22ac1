import { summarize } from "../series/points.ts";
import { placeEnds } from "./ends.ts";
import type { GridData } from "./grid-data.ts";
import { fittingName } from "./layout.ts";
import { drawMarker, markerIndexes } from "./markers.ts";
import { crisp, font, haloText, line, type Surface } from "./surface.ts";

/** Every point is marked when points are further apart than this. */
const POINTS_APART_PX = 12;

/** Everything that lies over the lines: markers, limits, names at the ends, annotations. */
export function paintMarks(surface: Surface, data: GridData): void {
  paintMarkers(surface, data);
  for (const limit of surface.lane.limits) paintLimit(surface, limit);
  paintBandTexts(surface);
  paintAnnotations(surface);
  if (surface.layout.names) paintEnds(surface);
}

function paintMarkers(surface: Surface, { timesMs, columns }: GridData): void {
  const { ctx, plot, lane, colors, layout } = surface;
  const count = timesMs.length;
  const apart = (plot.right - plot.left) / Math.max(1, count - 1);
  const named = lane.series.filter(({ bundled }) => !bundled).length;
  const wanted = apart > POINTS_APART_PX ? count : layout.small ? 6 : 10;
  // One line alone needs no marker to be told apart.
  const marked = surface.model.lanes.flatMap((one) => one.series).length > 1;
  let nth = surface.laneIndex;
  for (const [i, series] of lane.series.entries()) {
    const column = columns[i] ?? [];
    const line = colors.read(series.look.color);
    const ground = colors.read("paper");
    const at = (k: number) => {
      const value = column[k];
      if (value === null || value === undefined) return;
      const point = { x: surface.x(timesMs[k] ?? 0), y: surface.y(value) };
      const radius = 3.4 * (layout.scale > 1 ? 2 : 1);
      drawMarker(ctx, series.look.marker, point, { line, ground }, radius);
    };
    if (!series.bundled && marked && named > 0) {
      for (const k of markerIndexes(count, nth, wanted)) at(k);
      nth++;
    }
    paintLonePoints(surface, column, timesMs, line);
  }
}

/** A sample between two gaps has no line to be seen by. */
function paintLonePoints(
  { ctx, x, y }: Surface,
  column: readonly (number | null)[],
  timesMs: Float64Array,
  color: string,
): void {
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    if (value === null || value === undefined) continue;
    if ((column[i - 1] ?? null) !== null || (column[i + 1] ?? null) !== null) continue;
    ctx.beginPath();
    ctx.arc(x(timesMs[i] ?? 0), y(value), 1.5, 0, 2 * Math.PI);
    ctx.fillStyle = color;
    ctx.fill();
  }
}

function paintLimit(surface: Surface, limit: Surface["lane"]["limits"][number]): void {
  const { ctx, plot, colors, layout } = surface;
  const y = crisp(surface.y(limit.value));
  const color = colors.read(limit.state);
  line(ctx, [plot.left, y], [plot.right, y], { color, width: 1.5, dash: [5, 4] });
  ctx.font = font(surface, 600);
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  haloText(surface, limit.text, [plot.left + 4, y - 5 * layout.scale], color);
}

function paintBandTexts(surface: Surface): void {
  if (surface.laneIndex > 0) return;
  const { ctx, plot, model, colors, layout } = surface;
  ctx.font = font(surface, 600);
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  for (const band of model.bands) {
    const fromX = surface.x(Math.max(band.fromMs, model.range.fromMs));
    const toX = surface.x(Math.min(band.toMs, model.range.toMs));
    if (!band.text || ctx.measureText(band.text).width + 8 > toX - fromX) continue;
    ctx.fillStyle = colors.read(band.kind === "firing" ? "crit" : "warn");
    ctx.fillText(band.text, fromX + 5, plot.top + 11 * layout.scale);
  }
}

function paintAnnotations(surface: Surface): void {
  const { ctx, plot, model, colors, layout, laneIndex } = surface;
  ctx.font = font(surface, 400);
  ctx.textBaseline = "alphabetic";
  let freeFrom = Number.NEGATIVE_INFINITY;
  for (const { atMs, text } of model.annotations) {
    if (atMs < model.range.fromMs || atMs > model.range.toMs) continue;
    const x = crisp(surface.x(atMs));
    const stroke = { color: colors.read("ink-2"), width: 1, dash: [1, 3] };
    line(ctx, [x, plot.top], [x, plot.bottom], stroke);
    ctx.beginPath();
    ctx.moveTo(x - 5, plot.bottom + 1);
    ctx.lineTo(x + 5, plot.bottom + 1);
    ctx.lineTo(x, plot.bottom - 6);
    ctx.closePath();
    ctx.fillStyle = colors.read("ink");
    ctx.fill();
    const width = ctx.measureText(text).width;
    if (laneIndex > 0 || layout.small || text === "") continue;
    const left = Math.min(Math.max(x - width / 2, plot.left), plot.right - width);
    if (left < freeFrom) continue;
    ctx.textAlign = "left";
    haloText(surface, text, [left, plot.top - 8], colors.read("ink-2"));
    freeFrom = left + width + 8;
  }
}

function paintEnds(surface: Surface): void {
  const { ctx, plot, lane, colors, layout } = surface;
  const { scale } = layout;
  const named = lane.series
    .filter(({ bundled }) => !bundled)
    .map((series) => ({ series, last: summarize(series).last }))
    .filter(({ last }) => Number.isFinite(last));
  const ys = named.map(({ last }) => surface.y(last));
  const ends = placeEnds(ys, 15 * scale, plot.top, plot.bottom + 4 * scale);
  ctx.font = font(surface, 600);
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  const textWidth = (text: string) => ctx.measureText(text).width;
  for (const [i, { series }] of named.entries()) {
    const { y = 0, labelY = 0 } = ends[i] ?? {};
    ctx.beginPath();
    ctx.moveTo(plot.right + 1, y);
    ctx.lineTo(plot.right + 6 * scale, labelY);
    ctx.lineTo(plot.right + 12 * scale, labelY);
    ctx.strokeStyle = colors.read(series.look.color);
    ctx.lineWidth = 2;
    ctx.setLineDash([]);
    ctx.stroke();
    const text = fittingName(series.endText ?? series.name, layout.right - 18 * scale, textWidth);
    ctx.fillStyle = colors.read("ink");
    ctx.fillText(text, plot.right + 16 * scale, labelY + 4 * scale);
  }
}
