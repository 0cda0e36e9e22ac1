import type { Mounted } from "../mounted.ts";
import type { SparklineModel } from "./model.ts";
import { sparklinePath } from "./path.ts";

const SVG = "http://www.w3.org/2000/svg";

/** Decoration of a number that stands beside it; hidden from screen readers. */
export function mountSparkline(
  element: HTMLElement,
  model: SparklineModel,
): Mounted<SparklineModel> {
  const document = element.ownerDocument;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 96 24");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "ops-spark");
  svg.setAttribute("aria-hidden", "true");
  element.append(svg);
  const path = (className: string, d: string) => {
    const shape = document.createElementNS(SVG, "path");
    shape.setAttribute("class", className);
    shape.setAttribute("d", d);
    return shape;
  };
  const update = (next: SparklineModel) => {
    const { line, limitY } = sparklinePath(next);
    const paths = [path("ops-spark-ground", "M0 23.5H96")];
    if (limitY !== undefined) paths.push(path("ops-spark-limit", `M0 ${limitY}H96`));
    paths.push(path("ops-spark-line", line));
    svg.dataset.state = next.state;
    svg.replaceChildren(...paths);
  };
  update(model);
  return { update, destroy: () => svg.remove() };
}
