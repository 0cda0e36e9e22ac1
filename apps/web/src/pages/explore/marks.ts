import type { ExplainNote } from "./use-explanation.ts";

type Severity = ExplainNote["severity"];
const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

/** The lines of the editor; their texts, joined by line breaks, are what is typed. */
const LINES = ".cm-line";

/**
 * Underlines the places of notes in an editor, by the browser's own highlights: the text and its
 * elements stay the editor's alone. Where a browser has none, the words of the notes remain.
 */
export class EditorMarks {
  readonly #host: HTMLElement;
  #ranges: readonly (readonly [Severity, Range])[] = [];

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  /** Stands in the place of what was marked before. */
  set(notes: readonly Pick<ExplainNote, "severity" | "from" | "to">[]): void {
    for (const [severity, range] of this.#ranges) highlightOf(severity)?.delete(range);
    this.#ranges = notes.flatMap(({ severity, from, to }) => {
      const range = rangeIn(this.#host, from, to);
      return range ? [[severity, range] as const] : [];
    });
    for (const [severity, range] of this.#ranges) highlightOf(severity)?.add(range);
  }
}

function highlightOf(severity: Severity): Highlight | undefined {
  if (typeof Highlight === "undefined") return undefined;
  const name = `explore-${severity}`;
  const known = CSS.highlights.get(name);
  if (known) return known;
  const made = new Highlight();
  // Of two in one place the worse is seen.
  made.priority = SEVERITIES.length - SEVERITIES.indexOf(severity);
  CSS.highlights.set(name, made);
  return made;
}

/** A piece of the typed text as a range of the page; undefined where it is not (yet) shown. */
export function rangeIn(host: HTMLElement, from: number, to: number): Range | undefined {
  const start = pointIn(host, from);
  const end = pointIn(host, to);
  if (start === undefined || end === undefined) return undefined;
  const range = document.createRange();
  range.setStart(...start);
  range.setEnd(...end);
  return range;
}

function pointIn(host: HTMLElement, offset: number): [Node, number] | undefined {
  let left = offset;
  for (const line of host.querySelectorAll(LINES)) {
    const length = line.textContent?.length ?? 0;
    if (left <= length) return pointInLine(line, left);
    left -= length + 1;
  }
  return undefined;
}

function pointInLine(line: Element, offset: number): [Node, number] {
  const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  let left = offset;
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (left <= length) return [node, left];
    left -= length;
  }
  return [line, line.childNodes.length];
}
