import { labelsOf, type Panel } from "@hms-ops/model";
import type { HubPort } from "../live/hub-port.ts";
import type { RangePicture } from "../live/range-picture.ts";

/** Tue 17 Nov 2026 14:32 UTC, as in the drawings. */
export const TO_MS = Date.UTC(2026, 10, 17, 14, 32);
export const FROM_MS = TO_MS - 3_600_000;
export const STEP_MS = 60_000;
const POINT_COUNT = 61;

/** One hour at a minute; a value for each minute from 0 to 60, NaN = no sample. */
export function picture(
  ...series: readonly [Readonly<Record<string, string>>, (minute: number) => number][]
): RangePicture {
  return {
    range: { fromMs: FROM_MS, toMs: TO_MS },
    stepMs: STEP_MS,
    notes: [],
    series: series.map(([labels, valueAt]) => {
      const minutes = Array.from({ length: POINT_COUNT }, (_, i) => i).filter(
        (minute) => !Number.isNaN(valueAt(minute)),
      );
      return {
        labels: labelsOf(labels),
        timesMs: Float64Array.from(minutes, (minute) => FROM_MS + minute * STEP_MS),
        values: Float64Array.from(minutes, valueAt),
      };
    }),
  };
}

export function panel(parts: Partial<Panel> = {}): Panel {
  return {
    id: 1,
    title: "Panel",
    kind: "timeseries",
    grid: { x: 0, y: 0, w: 12, h: 8 },
    queries: [{ expr: "x", legend: "x" }],
    unit: "count",
    ...parts,
  };
}

/** Answers what is given, refuses the rest loudly. */
export function fakeHub(answers: Partial<HubPort>): HubPort {
  const refuse = (question: string) => () =>
    Promise.reject(new Error(`the fake hub knows no ${question}`));
  const questions = [
    "query",
    "queryRange",
    "labels",
    "labelValues",
    "series",
    "metadata",
    "alerts",
    "targets",
    "status",
    "boards",
    "board",
    "services",
    "notifications",
    "rules",
  ] as const;
  const port = Object.fromEntries(questions.map((name) => [name, refuse(name)]));
  return { ...port, ...answers } as HubPort;
}
