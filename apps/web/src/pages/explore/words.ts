import type { HubAnswer } from "@hms-ops/panels";
import type { ExplainNote } from "./use-explanation.ts";

/** What a note says and what to do about it, as sentences. */
export function noteText({ message, suggestion }: ExplainNote): string {
  return suggestion ? `${sentenceOf(message)} ${sentenceOf(suggestion)}` : sentenceOf(message);
}

export function sentenceOf(text: string): string {
  return capital(/[.?!]$/.test(text) ? text : `${text}.`);
}

/** Names stay as they are written: `rate()`, `queue_depth`. */
export function capital(text: string): string {
  if (/^[a-z]*[^a-z\s]/.test(text)) return text;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What an answer is that has no line in a table; undefined where it has. */
export function noRowsText({ kind }: HubAnswer["value"]): string | undefined {
  if (kind === "matrix") {
    return "A range vector has many samples a series: write a function around it, as rate(…) or max_over_time(…).";
  }
  return kind === "string" ? "A text is no number: ask for a metric." : undefined;
}
