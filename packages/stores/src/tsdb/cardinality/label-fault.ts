import type { Labels } from "@hms-ops/model";
import type { TsdbLimits } from "../../limits.ts";

export type LabelLimit = "labelsPerSeriesMax" | "labelNameBytesMax" | "labelValueBytesMax";

export interface LabelFault {
  /** Absent when no limit is passed: it is no label set at all. */
  readonly limit?: LabelLimit;
  /** For a person. */
  readonly text: string;
}

const SHOWN_CHARS = 60;
const encoder = new TextEncoder();

/** Why the index refused labels as invalid. */
export function labelFault(labels: Labels, limits: TsdbLimits): LabelFault {
  const count = labels.length / 2;
  const { labelsPerSeriesMax, labelNameBytesMax, labelValueBytesMax } = limits;
  if (count > labelsPerSeriesMax) {
    const text = `it has ${count} labels, ${labelsPerSeriesMax} are allowed`;
    return { limit: "labelsPerSeriesMax", text };
  }
  for (let i = 0; i + 1 < labels.length; i += 2) {
    const name = labels[i]!;
    const nameBytes = encoder.encode(name).length;
    if (nameBytes > labelNameBytesMax) {
      const text = `the label name ${shown(name)} has ${nameBytes} bytes, ${labelNameBytesMax} are allowed`;
      return { limit: "labelNameBytesMax", text };
    }
    const valueBytes = encoder.encode(labels[i + 1]!).length;
    if (valueBytes > labelValueBytesMax) {
      const text = `the value of label ${shown(name)} has ${valueBytes} bytes, ${labelValueBytesMax} are allowed`;
      return { limit: "labelValueBytesMax", text };
    }
  }
  return { text: "not a label set: unsorted, repeated, empty, or not UTF-8" };
}

function shown(text: string): string {
  return text.length <= SHOWN_CHARS ? text : `${text.slice(0, SHOWN_CHARS)}…`;
}
