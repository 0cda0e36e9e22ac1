import type { NoteText } from "../histograms/notes.ts";
import { bare, type Expr } from "../syntax/ast.ts";
import { linePosition } from "../syntax/position.ts";
import { quote } from "../syntax/quoted.ts";
import { type ForcedSpan, forcedText, together } from "./monotonicity.ts";

/** Of a kind: a million series may each have something wrong, and an answer shows ten. */
const NOTES_MAX = 10_000;

/**
 * Warnings and infos of one query, worded and placed as Prometheus does: each text once, at the
 * place that was named last.
 */
export class Annotations {
  readonly #text: string;
  readonly #warnings = new Map<string, string>();
  readonly #infos = new Map<string, string>();
  /** By metric. */
  readonly #forced = new Map<string, { readonly span: ForcedSpan; readonly from: number }>();

  constructor(text: string) {
    this.#text = text;
  }

  /** `from`: where the expression that it is about begins. */
  warn(message: string, from: number): void {
    this.#add(this.#warnings, message, "warning", from);
  }

  info(message: string, from: number): void {
    this.#add(this.#infos, message, "info", from);
  }

  /** Of the store: it is about no place in the text. */
  warnOfStore(messages: readonly string[] = []): void {
    for (const message of messages) this.#warnings.set(message, message);
  }

  note({ level, message }: NoteText, from: number): void {
    if (level === "warning") this.warn(message, from);
    else this.info(message, from);
  }

  /** All calls that had to lift counts of one metric are one info, at the place of the first. */
  forced(span: ForcedSpan, metricName: string, from: number): void {
    const known = this.#forced.get(metricName);
    if (known === undefined && this.#forced.size >= NOTES_MAX) return;
    const all = { span: together(known?.span, span), from: known?.from ?? from };
    this.#forced.set(metricName, all);
  }

  #add(notes: Map<string, string>, message: string, kind: string, from: number): void {
    if (notes.size >= NOTES_MAX && !notes.has(message)) return;
    notes.set(message, this.#placed(kind, message, from));
  }

  #placed(kind: string, message: string, from: number): string {
    return `PromQL ${kind}: ${message} (${linePosition(this.#text, from)})`;
  }

  get warnings(): readonly string[] {
    return [...this.#warnings.values()];
  }

  get infos(): readonly string[] {
    const forced = Array.from(this.#forced, ([name, { span, from }]) =>
      this.#placed("info", forcedText(span, name), from),
    );
    return [...this.#infos.values(), ...forced];
  }
}

/**
 * Where a note about an argument points. Prometheus takes its brackets away, and evaluates a
 * sub-query to a range selector that has no place of its own, which is then the query's beginning.
 */
export function argumentPlace(argument: Expr): number {
  const inner = bare(argument);
  return inner.kind === "subquery" ? 0 : inner.from;
}

export const COUNTER_FUNCTIONS: ReadonlySet<string> = new Set(["rate", "increase"]);
const COUNTER_SUFFIX = /_(total|sum|count|bucket)$/;

/** Undefined where the name says that the metric is a counter, or there is none. */
export function counterHint(metricName: string): string | undefined {
  if (metricName === "" || COUNTER_SUFFIX.test(metricName)) return undefined;
  return `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quote(metricName)}`;
}
