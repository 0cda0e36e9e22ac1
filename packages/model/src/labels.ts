/**
 * A label set: name, value, name, value … sorted by name (by code point), no name twice, no
 * empty value (an empty value is an absent label). `__name__` is a label like any other.
 *
 * Flat, so that a set is one object and passes between threads as it is.
 */
export type Labels = readonly string[];

export const METRIC_NAME = "__name__";
export const NO_LABELS: Labels = [];

/** Orders text by code point, as Prometheus orders the UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    // A surrogate stands for a code point above every other UTF-16 unit.
    const leftHigh = left >= 0xd800 && left <= 0xdfff;
    const rightHigh = right >= 0xd800 && right <= 0xdfff;
    if (leftHigh !== rightHigh) return leftHigh ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}

/** Orders label sets as Prometheus does: pair by pair, name before value, then the shorter one. */
export function compareLabels(a: Labels, b: Labels): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareText(a[i] ?? "", b[i] ?? "");
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Sorts pairs and drops empty values. Of a name given twice the last one stays. */
export function labelsFromPairs(pairs: Iterable<readonly [string, string]>): Labels {
  const byName = new Map<string, string>();
  for (const [name, value] of pairs) byName.set(name, value);
  const names = [...byName.keys()].sort(compareText);
  const labels: string[] = [];
  for (const name of names) {
    const value = byName.get(name);
    if (value) labels.push(name, value);
  }
  return labels;
}

/** `labelsOf({ __name__: "up", job: "ach" })` */
export function labelsOf(record: Readonly<Record<string, string>>): Labels {
  return labelsFromPairs(Object.entries(record));
}

/** Holds a label named `__proto__` like any other. */
export function labelsToRecord(labels: Labels): Record<string, string> {
  return Object.fromEntries(pairsOf(labels));
}

/** The value of a label; an absent one is the empty text. */
export function labelValue(labels: Labels, name: string): string {
  for (let i = 0; i < labels.length; i += 2) if (labels[i] === name) return labels[i + 1] ?? "";
  return "";
}

/**
 * Sets labels; an empty value removes. This and its like make arrays without the room that a growing
 * one keeps ahead, which for a few labels is more than they take.
 */
export function withLabels(labels: Labels, changes: Readonly<Record<string, string>>): Labels {
  const merged: string[] = [];
  let at = 0;
  for (const name of Object.keys(changes).sort(compareText)) {
    for (; at < labels.length && compareText(labels[at] ?? "", name) < 0; at += 2) {
      merged.push(labels[at] ?? "", labels[at + 1] ?? "");
    }
    if (labels[at] === name) at += 2;
    const value = changes[name];
    if (value) merged.push(name, value);
  }
  for (; at < labels.length; at += 2) merged.push(labels[at] ?? "", labels[at + 1] ?? "");
  return merged.slice();
}

function pairsOf(labels: Labels): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < labels.length; i += 2) pairs.push([labels[i] ?? "", labels[i + 1] ?? ""]);
  return pairs;
}

/** Only the named labels; the same array where those are all. */
export function keepLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return chosenLabels(labels, names, true);
}

/** All but the named labels; the same array where it has none of them. */
export function dropLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return chosenLabels(labels, names, false);
}

function chosenLabels(labels: Labels, names: ReadonlySet<string>, named: boolean): Labels {
  let length = 0;
  for (let i = 0; i < labels.length; i += 2) if (names.has(labels[i] ?? "") === named) length += 2;
  if (length === labels.length) return labels;
  const chosen = new Array<string>(length);
  for (let i = 0, at = 0; i < labels.length; i += 2) {
    if (names.has(labels[i] ?? "") !== named) continue;
    chosen[at++] = labels[i] ?? "";
    chosen[at++] = labels[i + 1] ?? "";
  }
  return chosen;
}

/** A text that is equal for equal sets and for no others; for maps, not for people. */
export function labelsKey(labels: Labels): string {
  let key = "";
  for (const part of labels) key += `${part.length}:${part}`;
  return key;
}

const LEGACY_METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LEGACY_LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Whether a metric name may stand bare, outside braces. */
export function isLegacyMetricName(name: string): boolean {
  return LEGACY_METRIC_NAME.test(name);
}

export function isLegacyLabelName(name: string): boolean {
  return LEGACY_LABEL_NAME.test(name);
}

/** Whether a text may be a label name or value at all: valid UTF-8, so no lone surrogate. */
export function isValidText(text: string): boolean {
  return text.isWellFormed();
}

/** The form in which people and Prometheus write a set: `up{job="ach"}`, `{"a.b", job="ach"}`. */
export function formatLabels(labels: Labels): string {
  const name = labelValue(labels, METRIC_NAME);
  const bare = isLegacyMetricName(name);
  const parts: string[] = name && !bare ? [JSON.stringify(name)] : [];
  for (let i = 0; i < labels.length; i += 2) {
    const label = labels[i] ?? "";
    if (label === METRIC_NAME) continue;
    const shown = isLegacyLabelName(label) ? label : JSON.stringify(label);
    parts.push(`${shown}=${JSON.stringify(labels[i + 1] ?? "")}`);
  }
  const braces = parts.length > 0 || !name ? `{${parts.join(", ")}}` : "";
  return bare ? name + braces : braces;
}
