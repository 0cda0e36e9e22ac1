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
