import type { NoteText } from "../histograms/notes.ts";
import { linePosition } from "../syntax/position.ts";

/**
 * Warnings and infos of one query, worded and placed as Prometheus does: each text once, at the
 * place that was named last.
 */
export class Annotations {
  readonly #text: string;
  readonly #warnings = new Map<string, string>();
  readonly #infos = new Map<string, string>();

  constructor(text: string) {
    this.#text = text;
  }

  /** `from`: where the expression that it is about begins. */
  warn(message: string, from: number): void {
    this.#warnings.set(message, `PromQL warning: ${message} (${linePosition(this.#text, from)})`);
  }

  info(message: string, from: number): void {
    this.#infos.set(message, `PromQL info: ${message} (${linePosition(this.#text, from)})`);
  }

  note({ level, message }: NoteText, from: number): void {
    if (level === "warning") this.warn(message, from);
    else this.info(message, from);
  }

  get warnings(): readonly string[] {
    return [...this.#warnings.values()];
  }

  get infos(): readonly string[] {
    return [...this.#infos.values()];
  }
}
