import type { NoteText } from "../histograms/notes.ts";
import { linePosition } from "../syntax/position.ts";

/** Warnings and infos of one query, each text once, worded and placed as Prometheus does. */
export class Annotations {
  readonly #text: string;
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  /** `from`: where the expression that it is about begins. */
  warn(message: string, from: number): void {
    this.#warnings.add(`PromQL warning: ${message} (${linePosition(this.#text, from)})`);
  }

  info(message: string, from: number): void {
    this.#infos.add(`PromQL info: ${message} (${linePosition(this.#text, from)})`);
  }

  note({ level, message }: NoteText, from: number): void {
    if (level === "warning") this.warn(message, from);
    else this.info(message, from);
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  get infos(): readonly string[] {
    return [...this.#infos];
  }
}
