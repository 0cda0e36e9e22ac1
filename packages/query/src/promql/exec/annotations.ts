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

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  get infos(): readonly string[] {
    return [...this.#infos];
  }
}

/** `line:column`, both from 1, the column in UTF-8 bytes. */
export function linePosition(text: string, at: number): string {
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return `${line}:${utf8Length(before.slice(lineStart)) + 1}`;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
