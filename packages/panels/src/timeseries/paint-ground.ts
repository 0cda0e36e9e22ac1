import { timeTicks } from "../time/ticks.ts";
import type { ChartBand } from "./model.ts";
import { crisp, font, line, type Surface } from "./surface.ts";

/** Everything that lies under the lines: bands, grid, axis texts, the area beyond a limit. */
export function paintGround(surface: Surface): void {
  for (const band of surface.model.bands) paintBand(surface, band);
  paintGrid(surface);
  if (surface.isLast) paintTimeAxis(surface);
  paintBeyondLimit(surface);
}

function paintBand(surface: Surface, band: ChartBand): void {
  const { ctx, plot, colors, model } = surface;
  const fromX = Math.max(plot.left, surface.x(Math.max(band.fromMs, model.range.fromMs)));
  const toX = Math.min(plot.right, surface.x(Math.min(band.toMs, model.range.toMs)));
  if (toX <= fromX) return;
  const state = band.kind === "firing" ? "crit" : "warn";
  ctx.fillStyle = colors.read(`${state}-wash`);
  ctx.fillRect(fromX, plot.top, Math.max(1, toX - fromX), plot.bottom - plot.top);
  if (band.fromMs < model.range.fromMs) return;
  line(ctx, [crisp(fromX), plot.top], [crisp(fromX), plot.bottom], {
    color: colors.read(state),
    width: 1,
    dash: band.kind === "pending" ? [3, 3] : [],
  });
}

function paintGrid(surface: Surface): void {
  const { ctx, plot, lane, colors, layout } = surface;
  const { scale } = layout;
  ctx.font = font(surface, 400);
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const { value, text } of lane.axis.ticks) {
    const y = crisp(surface.y(value));
    if (y < plot.top - 1 || y > plot.bottom + 1) continue;
    const underLimit = lane.limits.some((limit) => Math.abs(surface.y(limit.value) - y) < 1.5);
    if (!underLimit) {
      const color = colors.read(value === 0 ? "edge" : "grid");
      line(ctx, [plot.left, y], [plot.right, y], { color, width: 1 });
    }
    ctx.fillStyle = colors.read("ink-2");
    ctx.fillText(text, plot.left - 8 * scale, y);
  }
  // An axis that does not start at 0 has no zero line; the time still needs something to stand on.
  if (surface.isLast && lane.axis.min !== 0) {
    const y = crisp(plot.bottom);
    line(ctx, [plot.left, y], [plot.right, y], { color: colors.read("edge"), width: 1 });
  }
}

function paintTimeAxis(surface: Surface): void {
  const { ctx, plot, model, colors, layout } = surface;
  const { scale } = layout;
  ctx.font = font(surface, 400);
  ctx.textBaseline = "alphabetic";
  const width = plot.right - plot.left;
  for (const { atMs, text } of timeTicks(model.range, width / scale, model.zone)) {
    const x = surface.x(atMs);
    if (x < plot.left - 1 || x > plot.right + 1) continue;
    line(ctx, [crisp(x), plot.bottom], [crisp(x), plot.bottom + 4 * scale], {
      color: colors.read("edge"),
      width: 1,
    });
    const half = ctx.measureText(text).width / 2;
    const roomAtRight = plot.right + layout.right - x;
    ctx.textAlign = half > roomAtRight ? "right" : "center";
    ctx.fillStyle = colors.read("ink-2");
    ctx.fillText(text, half > roomAtRight ? x + roomAtRight : x, plot.bottom + 18 * scale);
  }
}

/** 22 % of the limit's colour between the limit and the line that is beyond it. */
function paintBeyondLimit(surface: Surface): void {
  const { ctx, plot, lane, colors } = surface;
  const subject = lane.series.find(({ emphasis }) => emphasis) ?? lane.series[0];
  if (!subject || (lane.series.length > 1 && !subject.emphasis)) return;
  // A band already says that the limit is broken.
  if (surface.model.bands.length > 0) return;
  for (const limit of lane.limits) {
    const y = surface.y(limit.value);
    const above = limit.bad === "above";
    ctx.save();
    ctx.beginPath();
    if (above) ctx.rect(plot.left, 0, plot.right - plot.left, y);
    else ctx.rect(plot.left, y, plot.right - plot.left, plot.bottom - y);
    ctx.clip();
    ctx.beginPath();
    traceArea(surface, subject.timesMs, subject.values, y);
    ctx.fillStyle = colors.read(limit.state, 22);
    ctx.fill();
    ctx.restore();
  }
}

/** Each run without a gap is closed to the limit by itself. */
function traceArea(
  surface: Surface,
  timesMs: Float64Array,
  values: Float64Array,
  limitY: number,
): void {
  const { ctx, model } = surface;
  const gapMs = model.stepMs * 1.5;
  let lastX: number | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < timesMs.length; i++) {
    const timeMs = timesMs[i] ?? 0;
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    const x = surface.x(timeMs);
    if (timeMs - lastMs > gapMs) {
      if (lastX !== undefined) ctx.lineTo(lastX, limitY);
      ctx.moveTo(x, limitY);
    }
    ctx.lineTo(x, surface.y(value));
    lastX = x;
    lastMs = timeMs;
  }
  if (lastX !== undefined) ctx.lineTo(lastX, limitY);
}
