import uPlot from "uplot";
import type { GridData } from "./grid-data.ts";
import { gridData } from "./grid-data.ts";
import type { ChartSeries } from "./model.ts";
import { paintGround } from "./paint-ground.ts";
import { paintMarks } from "./paint-marks.ts";
import { type LaneSetting, surfaceOf } from "./surface.ts";

export interface LaneEvents {
  /** The pointer is over the plot at this moment; undefined = it left. */
  onPoint(timeMs: number | undefined): void;
  onZoom(fromMs: number, toMs: number): void;
  onZoomOut(): void;
}

const LINE_PX = 1.75;
const EMPHASIS_PX = 2.25;
const BUNDLE_PX = 1;
/** A drag shorter than this is a click with an unsteady hand. */
const LEAST_DRAG_PX = 6;

/** One plot: uPlot draws the lines and follows the pointer, we paint what stands round them. */
export class LanePlot {
  readonly #plot: uPlot;
  readonly #events: LaneEvents;
  #setting: LaneSetting;
  #data: GridData;

  constructor(host: HTMLElement, width: number, setting: LaneSetting, events: LaneEvents) {
    this.#setting = setting;
    this.#events = events;
    const { model, lane } = setting;
    this.#data = gridData(model.range, model.stepMs, lane.series);
    this.#plot = new uPlot(this.#options(width), columnsOf(this.#data), host);
    this.#followPointer();
  }

  /** Where the plot begins and ends, CSS px of the chart's width. */
  get edges(): { readonly left: number; readonly right: number } {
    const { left, width } = this.#plot.bbox;
    return { left: left / uPlot.pxRatio, right: (left + width) / uPlot.pxRatio };
  }

  /** The same series with other data, colours or place. */
  update(setting: LaneSetting): void {
    this.#setting = setting;
    const { model, lane, layout, laneIndex } = setting;
    this.#data = gridData(model.range, model.stepMs, lane.series);
    const height = layout.heights[laneIndex] ?? 0;
    this.#plot.batch(() => {
      if (height !== this.#plot.height) this.#plot.setSize({ width: this.#plot.width, height });
      this.#plot.setData(columnsOf(this.#data), true);
    });
  }

  /** Paints again, with colours read anew. */
  repaint(): void {
    this.#plot.redraw(false, false);
  }

  pointAt(timeMs: number | undefined): void {
    const { fromMs, toMs } = this.#setting.model.range;
    const points = this.#setting.lane.series.length > 0;
    const inside = points && timeMs !== undefined && timeMs >= fromMs && timeMs <= toMs;
    const left = inside ? this.#plot.valToPos(timeMs, "x") : -10;
    this.#plot.setCursor({ left, top: inside ? 0 : -10 }, false);
  }

  xOf(timeMs: number): number {
    return this.edges.left + this.#plot.valToPos(timeMs, "x");
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #options(width: number): uPlot.Options {
    const { layout, lane, laneIndex } = this.#setting;
    const { isLast } = this.#setting;
    const top = laneIndex === 0 ? layout.top : layout.between;
    const bottom = isLast ? layout.bottom : layout.between;
    return {
      width,
      height: layout.heights[laneIndex] ?? 0,
      ms: 1,
      pxAlign: 0,
      padding: [top, layout.right, bottom, layout.left],
      legend: { show: false },
      axes: [{ show: false }, { show: false }],
      scales: {
        x: { time: false, range: () => this.#rangeX() },
        y: { range: () => [this.#setting.lane.axis.min, this.#setting.lane.axis.max] },
      },
      series: [{}, ...lane.series.map((series, i) => this.#seriesOptions(series, i))],
      cursor: this.#cursorOptions(),
      hooks: {
        drawClear: [(plot) => this.#paint(plot, "ground")],
        draw: [(plot) => this.#paint(plot, "marks")],
        setSelect: [(plot) => this.#selected(plot)],
      },
    };
  }

  #seriesOptions(series: ChartSeries, index: number): uPlot.Series {
    const { layout, lane, colors } = this.#setting;
    const thick = layout.scale > 1 ? 2 : 1;
    const width = series.bundled ? BUNDLE_PX : series.emphasis ? EMPHASIS_PX : LINE_PX;
    const look = () => this.#setting.lane.series[index]?.look ?? series.look;
    const filled =
      lane.series.length === 1 &&
      lane.limits.length === 0 &&
      series.look.dash.length === 0 &&
      lane.axis.min === 0 &&
      this.#setting.model.bands.length === 0;
    return {
      width: width * thick,
      dash: series.look.dash.map((length) => length * thick * uPlot.pxRatio),
      cap: "butt",
      stroke: () => colors.read(look().color),
      fill: filled ? () => colors.read(look().color, 8) : undefined,
      alpha: series.bundled ? 0.45 : 1,
      spanGaps: false,
      points: { show: false },
    };
  }

  #cursorOptions(): uPlot.Cursor {
    const { colors } = this.#setting;
    const color = (index: number) => {
      const series = this.#setting.lane.series[index - 1];
      return colors.read(series && !series.bundled ? series.look.color : "compare");
    };
    return {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG_PX },
      points: {
        size: (_, index) => (this.#isBundled(index) ? 0 : 9),
        width: (_, index) => (this.#isBundled(index) ? 0 : 2),
        stroke: (_, index) => color(index),
        fill: () => colors.read("paper"),
      },
      bind: {
        dblclick: () => () => {
          this.#events.onZoomOut();
          return null;
        },
      },
    };
  }

  #isBundled(index: number): boolean {
    return this.#setting.lane.series[index - 1]?.bundled ?? false;
  }

  #rangeX(): [number, number] {
    const { fromMs, toMs } = this.#setting.model.range;
    return [fromMs, toMs];
  }

  #paint(plot: uPlot, layer: "ground" | "marks"): void {
    const surface = surfaceOf(plot, uPlot.pxRatio, this.#setting);
    surface.ctx.save();
    surface.ctx.scale(uPlot.pxRatio, uPlot.pxRatio);
    if (layer === "ground") paintGround(surface);
    else paintMarks(surface, this.#data);
    surface.ctx.restore();
  }

  /** After uPlot's own listeners, whose line then moves from the pointer to the point. */
  #followPointer(): void {
    const { over } = this.#plot;
    over.addEventListener("mousemove", (event) => {
      const left = event.clientX - over.getBoundingClientRect().left;
      this.#events.onPoint(this.#data.timesMs[this.#plot.posToIdx(left)]);
    });
    over.addEventListener("mouseleave", () => this.#events.onPoint(undefined));
  }

  #selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < LEAST_DRAG_PX) return;
    const fromMs = plot.posToVal(left, "x");
    const toMs = plot.posToVal(left + width, "x");
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#events.onZoom(Math.round(fromMs), Math.round(toMs));
  }
}

function columnsOf({ timesMs, columns }: GridData): uPlot.AlignedData {
  return [timesMs, ...columns.map((column) => [...column])] as uPlot.AlignedData;
}
