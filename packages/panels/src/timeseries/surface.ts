import type uPlot from "uplot";
import type { ColorReader } from "./colors.ts";
import type { ChartLayout } from "./layout.ts";
import type { ChartLane, TimeseriesModel } from "./model.ts";

/** What painting one lane needs; coordinates are CSS px of the whole canvas. */
export interface Surface {
  readonly ctx: CanvasRenderingContext2D;
  readonly plot: { left: number; top: number; right: number; bottom: number };
  readonly lane: ChartLane;
  /** Which lane this is, and whether the time axis stands under it. */
  readonly laneIndex: number;
  readonly isLast: boolean;
  readonly model: TimeseriesModel;
  readonly layout: ChartLayout;
  readonly colors: ColorReader;
  readonly fontFamily: string;
  x(timeMs: number): number;
  y(value: number): number;
}

export interface LaneSetting {
  readonly lane: ChartLane;
  readonly laneIndex: number;
  readonly isLast: boolean;
  readonly model: TimeseriesModel;
  readonly layout: ChartLayout;
  readonly colors: ColorReader;
  readonly fontFamily: string;
}

export function surfaceOf(plot: uPlot, pxRatio: number, setting: LaneSetting): Surface {
  const left = plot.bbox.left / pxRatio;
  const top = plot.bbox.top / pxRatio;
  return {
    ...setting,
    ctx: plot.ctx,
    plot: {
      left,
      top,
      right: left + plot.bbox.width / pxRatio,
      bottom: top + plot.bbox.height / pxRatio,
    },
    x: (timeMs) => left + plot.valToPos(timeMs, "x"),
    y: (value) => top + plot.valToPos(value, "y"),
  };
}

/** Lines of 1 px are sharp on half pixels. */
export function crisp(position: number): number {
  return Math.round(position) + 0.5;
}

export function font(surface: Surface, weight: 400 | 600): string {
  return `${weight} ${12 * surface.layout.scale}px ${surface.fontFamily}`;
}

export interface Stroke {
  readonly color: string;
  readonly width: number;
  readonly dash?: readonly number[];
}

export function line(
  ctx: CanvasRenderingContext2D,
  from: readonly [number, number],
  to: readonly [number, number],
  stroke: Stroke,
): void {
  ctx.beginPath();
  ctx.moveTo(from[0], from[1]);
  ctx.lineTo(to[0], to[1]);
  ctx.strokeStyle = stroke.color;
  ctx.lineWidth = stroke.width;
  ctx.setLineDash([...(stroke.dash ?? [])]);
  ctx.stroke();
}

/** Text that can stand on lines: an edge of the ground keeps them off. */
export function haloText(
  surface: Surface,
  text: string,
  at: readonly [number, number],
  color: string,
): void {
  const { ctx, colors } = surface;
  ctx.lineJoin = "round";
  ctx.lineWidth = 3;
  ctx.setLineDash([]);
  ctx.strokeStyle = colors.read("paper");
  ctx.strokeText(text, at[0], at[1]);
  ctx.fillStyle = color;
  ctx.fillText(text, at[0], at[1]);
}
