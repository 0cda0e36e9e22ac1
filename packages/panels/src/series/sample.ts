import type { Marker, SeriesLook } from "./look.ts";

const SVG = "http://www.w3.org/2000/svg";
/** Centre and reach of the marker in the 24 × 10 sample. */
const X = 12;
const Y = 5;
const R = 3.2;

/** SVG path and way of drawing it; `ground` fills hollow marks. */
interface MarkPath {
  readonly d: string;
  readonly way: "filled" | "hollow" | "stroked";
}

const MARKS: Readonly<Record<Marker, MarkPath | undefined>> = {
  none: undefined,
  circle: { d: circle(R), way: "filled" },
  ring: { d: circle(R - 0.4), way: "hollow" },
  triangle: { d: `M${X} ${Y - R - 0.8}L${X + R + 0.6} ${Y + R}H${X - R - 0.6}Z`, way: "filled" },
  square: { d: `M${X - 3} ${Y - 3}H${X + 3}V${Y + 3}H${X - 3}Z`, way: "filled" },
  diamond: {
    d: `M${X} ${Y - 4.2}L${X + 4.2} ${Y}L${X} ${Y + 4.2}L${X - 4.2} ${Y}Z`,
    way: "filled",
  },
  plus: { d: `M${X - R} ${Y}H${X + R}M${X} ${Y - R}V${Y + R}`, way: "stroked" },
  cross: {
    d: `M${X - R} ${Y - R}L${X + R} ${Y + R}M${X - R} ${Y + R}L${X + R} ${Y - R}`,
    way: "stroked",
  },
  bar: { d: `M${X} ${Y - 4.2}V${Y + 4.2}`, way: "stroked" },
};

export interface SampleShape {
  /** Of the line; empty = solid. */
  readonly dash: string;
  /** Of the marker; undefined = none. */
  readonly mark: MarkPath | undefined;
}

/** What a legend's sample is drawn from, for frameworks that draw it themselves: 24 × 10. */
export function sampleShape(look: SeriesLook): SampleShape {
  return { dash: look.dash.join(" "), mark: MARKS[look.marker] };
}

/** A legend's sample: the line with its dash and marker, in the colour of its token. */
export function seriesSample(document: Document, look: SeriesLook): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 10");
  svg.setAttribute("class", "ops-sample");
  svg.setAttribute("aria-hidden", "true");
  const color = `var(--${look.color})`;
  const { dash, mark } = sampleShape(look);
  svg.append(path(document, `M0 ${Y}H24`, { fill: "none", stroke: color, width: "2", dash }));
  if (mark) {
    const filled = mark.way === "filled";
    svg.append(
      path(document, mark.d, {
        fill: filled ? color : mark.way === "hollow" ? "var(--paper)" : "none",
        stroke: filled ? "var(--paper)" : color,
        width: filled ? "1" : "2",
        dash: "",
      }),
    );
  }
  return svg;
}

interface PathStyle {
  readonly fill: string;
  readonly stroke: string;
  readonly width: string;
  readonly dash: string;
}

function path(document: Document, d: string, style: PathStyle): SVGPathElement {
  const element = document.createElementNS(SVG, "path");
  element.setAttribute("d", d);
  element.style.fill = style.fill;
  element.style.stroke = style.stroke;
  element.style.strokeWidth = style.width;
  if (style.dash) element.style.strokeDasharray = style.dash;
  return element;
}

function circle(r: number): string {
  return `M${X - r} ${Y}A${r} ${r} 0 1 0 ${X + r} ${Y}A${r} ${r} 0 1 0 ${X - r} ${Y}Z`;
}
