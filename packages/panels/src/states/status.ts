/** Told by word, icon, shape and colour at once; the names are those of the colour tokens. */
export type StatusState = "ok" | "warn" | "crit" | "none" | "mute";

const WORDS: Readonly<Record<StatusState, string>> = {
  ok: "OK",
  warn: "Warning",
  crit: "Critical",
  none: "No data",
  mute: "Silenced",
};

/** Worst first; what has no data comes before what works. */
const ORDER: readonly StatusState[] = ["crit", "warn", "none", "mute", "ok"];

export function stateWord(state: StatusState): string {
  return WORDS[state];
}

/** Below 0 when `a` is worse than `b`. */
export function compareStates(a: StatusState, b: StatusState): number {
  return ORDER.indexOf(a) - ORDER.indexOf(b);
}

/** What a firing alert's `severity` label says. */
export function severityState(severity: string): "warn" | "crit" {
  return severity === "critical" || severity === "page" ? "crit" : "warn";
}
