import type { Clock, TimeRange } from "@hms-ops/model";
import { chartTable } from "../board/chart-table.ts";
import { SPOKEN_EVERY_MS } from "../limits.ts";
import type { Mounted } from "../mounted.ts";
import { mountTable } from "../table/mount.ts";
import { type ColorReader, colorReader, watchTheme } from "./colors.ts";
import type { Crosshair } from "./crosshair.ts";
import { LanePlot } from "./lane-plot.ts";
import { type ChartLayout, chartLayout } from "./layout.ts";
import type { TimeseriesModel } from "./model.ts";
import { momentsOf, readoutAt, spokenReadout } from "./readout.ts";
import type { LaneSetting } from "./surface.ts";
import { Tooltip } from "./tooltip.ts";

export interface TimeseriesOptions {
  readonly clock: Clock;
  /** One for all charts of a page. */
  readonly crosshair: Crosshair;
  /** CSS px; absent = the element's own height, at least 120. */
  readonly heightPx?: number;
  /** The element with the sentence, for `aria-describedby`; absent = the chart adds a hidden one. */
  readonly sentenceId?: string;
  /** A stretch was dragged over. */
  onZoom?(range: TimeRange): void;
  onZoomOut?(): void;
  /** `a` was pressed; absent = the chart shows the table in its own place. */
  onTable?(): void;
}

/**
 * Draws a time series chart into an element that lies in the document. It follows the element's
 * width, the theme and the page's crosshair until it is destroyed.
 *
 * ```ts
 * const chart = mountTimeseries(element, model, { clock, crosshair });
 * chart.update(nextModel);
 * ```
 */
export function mountTimeseries(
  element: HTMLElement,
  model: TimeseriesModel,
  options: TimeseriesOptions,
): Mounted<TimeseriesModel> {
  const chart = new TimeseriesChart(element, model, options);
  return {
    update: (next) => chart.update(next),
    destroy: () => chart.destroy(),
  };
}

let chartCount = 0;

class TimeseriesChart {
  readonly #element: HTMLElement;
  readonly #options: TimeseriesOptions;
  readonly #root: HTMLElement;
  readonly #stage: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #sentence: HTMLElement;
  readonly #spoken: HTMLElement;
  /** Measures texts; in the document, since it inherits how digits are set from there. */
  readonly #ruler: HTMLCanvasElement;
  readonly #tooltip: Tooltip;
  readonly #colors: ColorReader;
  readonly #endings: (() => void)[] = [];
  #model: TimeseriesModel;
  #lanes: LanePlot[] = [];
  #layout: ChartLayout | undefined;
  #shape = "";
  #width = 0;
  #table: Mounted<ReturnType<typeof chartTable>> | undefined;
  /** Whether pointer or keys are at this chart: only here is the tooltip. */
  #leads = false;
  #hushed: (() => void) | undefined;

  constructor(element: HTMLElement, model: TimeseriesModel, options: TimeseriesOptions) {
    this.#element = element;
    this.#options = options;
    this.#model = model;
    this.#root = this.#add(element, "ops-chart");
    this.#stage = this.#add(this.#root, "ops-chart-stage");
    this.#empty = this.#add(this.#root, "ops-chart-empty");
    this.#sentence = this.#add(this.#root, "ops-hidden");
    this.#spoken = this.#add(this.#root, "ops-hidden");
    this.#ruler = element.ownerDocument.createElement("canvas");
    this.#ruler.className = "ops-hidden";
    this.#root.append(this.#ruler);
    this.#tooltip = new Tooltip(this.#root);
    this.#colors = colorReader(this.#root);
    this.#describe();
    this.#listen();
    this.#draw();
  }

  update(model: TimeseriesModel): void {
    this.#model = model;
    this.#describe();
    this.#draw();
    this.#follow();
  }

  destroy(): void {
    for (const end of this.#endings) end();
    this.#hushed?.();
    this.#table?.destroy();
    for (const lane of this.#lanes) lane.destroy();
    if (this.#leads) this.#options.crosshair.set(undefined);
    this.#colors.destroy();
    this.#root.remove();
  }

  #add(parent: HTMLElement, className: string): HTMLElement {
    const child = parent.ownerDocument.createElement("div");
    child.className = className;
    parent.append(child);
    return child;
  }

  /** Says what this is and how it is worked, to everybody who can't see it. */
  #describe(): void {
    const { title, sentence, emptyText, stale } = this.#model;
    if (!this.#sentence.id) this.#sentence.id = `ops-sentence-${++chartCount}`;
    this.#sentence.textContent = sentence;
    this.#spoken.setAttribute("aria-live", "polite");
    // The arrow keys are the chart's own: a plain image would leave them to the screen reader.
    this.#root.setAttribute("role", "application");
    this.#root.setAttribute("aria-roledescription", "chart");
    this.#root.setAttribute("aria-label", title);
    this.#root.setAttribute("aria-describedby", this.#options.sentenceId ?? this.#sentence.id);
    this.#root.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight Home End A");
    this.#root.tabIndex = 0;
    this.#root.classList.toggle("ops-chart-stale", stale !== undefined);
    this.#empty.textContent = emptyText;
    this.#empty.hidden = emptyText === "";
  }

  #listen(): void {
    const { ownerDocument: document } = this.#root;
    const view = document.defaultView;
    const { crosshair } = this.#options;
    this.#endings.push(
      crosshair.subscribe(() => this.#follow()),
      watchTheme(document, () => {
        this.#colors.renew();
        for (const lane of this.#lanes) lane.repaint();
      }),
    );
    this.#root.addEventListener("keydown", (event) => this.#key(event));
    this.#root.addEventListener("blur", () => this.#leave());
    if (view?.ResizeObserver) {
      const observer = new view.ResizeObserver(() => this.#draw());
      observer.observe(this.#element);
      this.#endings.push(() => observer.disconnect());
    }
    // Canvas draws with whatever font is there; when ours arrives the texts are drawn again.
    const redraw = () => this.#draw();
    document.fonts?.addEventListener("loadingdone", redraw);
    this.#endings.push(() => document.fonts?.removeEventListener("loadingdone", redraw));
    // uPlot tells so when the window goes to a screen of another density; dashes are in its pixels.
    view?.addEventListener("dppxchange", redraw);
    this.#endings.push(() => view?.removeEventListener("dppxchange", redraw));
  }

  #draw(): void {
    const width = Math.floor(this.#element.clientWidth);
    if (width === 0 || this.#table) {
      this.#table?.update(chartTable(this.#model));
      return;
    }
    const layout = this.#arrange(width);
    const density = this.#root.ownerDocument.defaultView?.devicePixelRatio ?? 1;
    const shape = shapeOf(this.#model, layout, width * density);
    this.#layout = layout;
    this.#width = width;
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#rebuild();
      return;
    }
    for (const [i, lane] of this.#lanes.entries()) {
      const setting = this.#setting(i, layout);
      if (setting) lane.update(setting);
    }
  }

  #rebuild(): void {
    for (const lane of this.#lanes) lane.destroy();
    this.#stage.replaceChildren();
    const { onZoom, onZoomOut } = this.#options;
    this.#lanes = this.#model.lanes.flatMap((_, i) => {
      const setting = this.#layout && this.#setting(i, this.#layout);
      if (!setting) return [];
      const lane = new LanePlot(this.#stage, this.#width, setting, {
        onPoint: (timeMs) => {
          const { crosshair } = this.#options;
          this.#leads = timeMs !== undefined;
          // uPlot moved its line to the pointer, even where the moment is still the same.
          if (timeMs === crosshair.timeMs) this.#follow();
          else crosshair.set(timeMs);
        },
        onZoom: (fromMs, toMs) => onZoom?.({ fromMs, toMs }),
        onZoomOut: () => onZoomOut?.(),
      });
      return [lane];
    });
    this.#follow();
  }

  #arrange(width: number): ChartLayout {
    const view = this.#root.ownerDocument.defaultView;
    const rootStyle = view?.getComputedStyle(this.#root.ownerDocument.documentElement);
    const scale = (Number.parseFloat(rootStyle?.fontSize ?? "") || 16) / 16;
    const height = this.#options.heightPx ?? Math.max(120, this.#element.clientHeight);
    const ctx = this.#ruler.getContext("2d");
    const textWidth = (text: string) => {
      if (!ctx) return text.length * 7 * scale;
      ctx.font = `600 ${12 * scale}px ${this.#fontFamily()}`;
      return ctx.measureText(text).width;
    };
    return chartLayout(this.#model, width, height, scale > 1.5 ? scale : 1, textWidth);
  }

  #setting(laneIndex: number, layout: ChartLayout): LaneSetting | undefined {
    const lane = this.#model.lanes[laneIndex];
    if (!lane) return undefined;
    return {
      lane,
      laneIndex,
      layout,
      isLast: laneIndex === this.#model.lanes.length - 1,
      model: this.#model,
      colors: this.#colors,
      fontFamily: this.#fontFamily(),
    };
  }

  #fontFamily(): string {
    const view = this.#root.ownerDocument.defaultView;
    return view?.getComputedStyle(this.#root).fontFamily || "sans-serif";
  }

  /** Goes where the page's crosshair is; the tooltip only where pointer or keys are. */
  #follow(): void {
    const { timeMs } = this.#options.crosshair;
    for (const lane of this.#lanes) lane.pointAt(timeMs);
    const [first] = this.#lanes;
    const { fromMs, toMs } = this.#model.range;
    if (timeMs === undefined) this.#leads = false;
    if (!this.#leads || !first || timeMs === undefined || timeMs < fromMs || timeMs > toMs) {
      this.#tooltip.hide();
      return;
    }
    const top = (this.#layout?.top ?? 0) + 4;
    this.#tooltip.show(readoutAt(this.#model, timeMs), first.xOf(timeMs), top, first.edges.right);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "a" || event.key === "A") {
      this.#toggleTable();
    } else if (event.key === "Escape" && this.#table) {
      this.#toggleTable();
    } else if (event.key === "Escape" && this.#leads) {
      this.#leave();
    } else if (!this.#step(event.key)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Moves the crosshair by one point or to an end; false when the key means nothing here. */
  #step(key: string): boolean {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    const step = steps[key];
    if (step === undefined || this.#table) return false;
    const moments = momentsOf(this.#model);
    const { timeMs } = this.#options.crosshair;
    // The first press lands on the newest point.
    const at = timeMs === undefined ? moments.length : moments.findIndex((one) => one >= timeMs);
    const from = at === -1 ? moments.length : at;
    const next = moments[Math.min(moments.length - 1, Math.max(0, from + step))];
    if (next === undefined) return true;
    this.#leads = true;
    this.#options.crosshair.set(next);
    this.#speak();
    return true;
  }

  /** The value is read out when the keys rest, not at every step of a held key. */
  #speak(): void {
    this.#hushed?.();
    this.#hushed = this.#options.clock.after(SPOKEN_EVERY_MS, () => {
      const { timeMs } = this.#options.crosshair;
      if (timeMs === undefined) return;
      this.#spoken.textContent = spokenReadout(readoutAt(this.#model, timeMs));
    });
  }

  #leave(): void {
    if (!this.#leads) return;
    this.#leads = false;
    this.#options.crosshair.set(undefined);
  }

  #toggleTable(): void {
    if (this.#options.onTable) {
      this.#options.onTable();
      return;
    }
    this.#leave();
    if (this.#table) {
      this.#table.destroy();
      this.#table = undefined;
      this.#stage.hidden = false;
      this.#root.style.height = "";
      this.#draw();
      return;
    }
    this.#root.style.height = `${this.#root.offsetHeight}px`;
    this.#stage.hidden = true;
    this.#table = mountTable(this.#root, chartTable(this.#model));
  }
}

/** Two models of the same shape differ only in data, so that the plots can stay. */
function shapeOf(model: TimeseriesModel, layout: ChartLayout, widthDots: number): string {
  const lanes = model.lanes.map((lane) => [
    lane.series.map(({ key, look, bundled, emphasis }) => [key, look.dash, bundled, emphasis]),
    lane.limits.length,
    lane.axis.min === 0,
  ]);
  const { heights, ...edges } = layout;
  return JSON.stringify([widthDots, heights, edges, lanes, model.bands.length > 0]);
}
