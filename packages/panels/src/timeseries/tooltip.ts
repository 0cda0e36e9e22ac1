import { seriesSample } from "../series/sample.ts";
import type { Readout } from "./readout.ts";

/** Stands beside the crosshair, never under the pointer. */
export class Tooltip {
  readonly #box: HTMLElement;

  constructor(host: HTMLElement) {
    this.#box = host.ownerDocument.createElement("div");
    this.#box.className = "ops-tip";
    this.#box.hidden = true;
    // The live region and the table say the same to a screen reader.
    this.#box.setAttribute("aria-hidden", "true");
    host.append(this.#box);
  }

  /** `x` and the borders in CSS px of the chart. */
  show(readout: Readout, x: number, top: number, right: number): void {
    const box = this.#box;
    const { ownerDocument: document } = box;
    const head = document.createElement("div");
    head.className = "ops-tip-moment";
    head.textContent = readout.moment;
    const table = document.createElement("table");
    for (const { name, look, text } of readout.rows) {
      const row = table.insertRow();
      const label = row.insertCell();
      label.append(seriesSample(document, look), name);
      const value = row.insertCell();
      value.className = "ops-tip-value";
      value.textContent = text;
    }
    box.replaceChildren(head, table);
    if (readout.more) box.append(readout.more);
    box.hidden = false;
    const width = box.offsetWidth;
    const toLeft = x + 14 + width > right;
    box.style.left = `${toLeft ? Math.max(0, x - width - 14) : x + 14}px`;
    box.style.top = `${top}px`;
  }

  hide(): void {
    this.#box.hidden = true;
  }
}
