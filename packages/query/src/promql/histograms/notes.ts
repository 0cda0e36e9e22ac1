import { quote } from "../syntax/quoted.ts";

/** What a query says about histograms that it met, besides its answer. */
export type HistogramNote =
  | "mixed-range"
  | "mixed-group"
  | "mixed-schemas"
  | "mixed-kinds"
  | "ignored-in-range"
  | "not-counter"
  | "not-gauge"
  | "collision-in-aggregation"
  | "collision-in-addition"
  | "collision-in-subtraction"
  | "reconciled-in-aggregation"
  | "reconciled-in-addition"
  | "reconciled-in-subtraction"
  | "quantile-nan"
  | "quantile-skewed"
  | "fraction-nan";

export interface NoteText {
  readonly level: "warning" | "info";
  readonly message: string;
}

/** Worded as Prometheus words it (util/annotations). `name`: of the metric, empty if not known. */
export function noteText(note: HistogramNote, name: string): NoteText {
  const [level, text, naming] = TEXTS[note];
  if (naming === "always") return { level, message: `${text} ${quote(name)}` };
  if (naming === "known" && name !== "") {
    return { level, message: `${text} for metric name ${quote(name)}` };
  }
  return { level, message: text };
}

type Row = readonly [level: NoteText["level"], text: string, naming?: "always" | "known"];

const COLLISION = "conflicting counter resets during histogram";
const RECONCILED = "mismatched custom buckets were reconciled during";

const TEXTS: Readonly<Record<HistogramNote, Row>> = {
  "mixed-range": [
    "warning",
    "encountered a mix of histograms and floats for metric name",
    "always",
  ],
  "mixed-group": ["warning", "encountered a mix of histograms and floats for aggregation"],
  "mixed-schemas": [
    "warning",
    "vector contains a mix of histograms with exponential and custom buckets schemas for metric name",
    "always",
  ],
  "mixed-kinds": ["warning", "vector contains a mix of classic and native histograms", "known"],
  "ignored-in-range": [
    "info",
    "ignored histograms in a range containing both floats and histograms for metric name",
    "always",
  ],
  "not-counter": ["warning", "this native histogram metric is not a counter:", "always"],
  "not-gauge": ["warning", "this native histogram metric is not a gauge:", "always"],
  "collision-in-aggregation": ["warning", `${COLLISION} aggregation`],
  "collision-in-addition": ["warning", `${COLLISION} addition`],
  "collision-in-subtraction": ["warning", `${COLLISION} subtraction`],
  "reconciled-in-aggregation": ["info", `${RECONCILED} aggregation`],
  "reconciled-in-addition": ["info", `${RECONCILED} addition`],
  "reconciled-in-subtraction": ["info", `${RECONCILED} subtraction`],
  "quantile-nan": [
    "info",
    "input to histogram_quantile has NaN observations, result is NaN",
    "known",
  ],
  "quantile-skewed": [
    "info",
    "input to histogram_quantile has NaN observations, result is skewed higher",
    "known",
  ],
  "fraction-nan": [
    "info",
    "input to histogram_fraction has NaN observations, which are excluded from all fractions",
    "known",
  ],
};
