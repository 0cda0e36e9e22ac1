import { type Labels, labelValue, METRIC_NAME } from "@hms-ops/model";
import { LABEL_NAME_MAX_BYTES, LABEL_VALUE_MAX_BYTES, LABELS_PER_SERIES_MAX } from "./limits.ts";

/** Why a label set may not become a series, in words for a person; undefined when it may. */
export function labelLimitProblem(labels: Labels): string | undefined {
  const count = labels.length / 2;
  const metric = shorten(labelValue(labels, METRIC_NAME) || "a series without a name");
  if (count > LABELS_PER_SERIES_MAX) {
    return `${metric} has ${count} labels; at most ${LABELS_PER_SERIES_MAX} are allowed`;
  }
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i]!;
    const value = labels[i + 1]!;
    if (isLonger(name, LABEL_NAME_MAX_BYTES)) {
      return `${metric}: the label name ${shorten(name)} is longer than ${LABEL_NAME_MAX_BYTES} bytes`;
    }
    if (isLonger(value, LABEL_VALUE_MAX_BYTES)) {
      return `${metric}: the value of label ${shorten(name)} is longer than ${LABEL_VALUE_MAX_BYTES} bytes`;
    }
  }
  return undefined;
}

/** Whether the text takes more bytes as UTF-8; counts only where the length leaves a doubt. */
function isLonger(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return false;
  if (text.length > maxBytes) return true;
  return new TextEncoder().encode(text).length > maxBytes;
}

/** The beginning of a text that came from outside, fit to stand in a message. */
export function shorten(text: string, maxLength = 60): string {
  const start = text
    .slice(0, maxLength)
    .replace(/\p{Cc}/gu, "�")
    .toWellFormed();
  return text.length <= maxLength ? start : `${start}…`;
}
