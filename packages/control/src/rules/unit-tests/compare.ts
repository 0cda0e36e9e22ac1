import {
  compareLabels,
  compareText,
  formatDurationMs,
  formatLabels,
  type HistogramBuckets,
  labelsFromPairs,
  labelsToRecord,
  type NativeHistogram,
  type VectorElement,
} from "@hms-ops/model";
import { compactHistogram, histogramText, numberText } from "@hms-ops/query";
import type { Alert } from "../../alerting/alert.ts";
import type { AlertCase, ExpectedAlert, ExpectedSample, ExpressionCase } from "./test-file.ts";

/** What is wrong with the alerts of a name that fire; undefined = they are the expected ones. */
export function judgeAlerts(
  { alertName, evalTimeMs, expected }: AlertCase,
  firing: readonly Alert[],
): string | undefined {
  const wanted = expected.map(alertText).sort(compareText);
  const got = firing
    .map(({ labels, annotations }) => alertText({ labels: labelsToRecord(labels), annotations }))
    .sort(compareText);
  if (JSON.stringify(wanted) === JSON.stringify(got)) return undefined;
  return difference(`alert ${alertName} at ${formatDurationMs(evalTimeMs)}`, wanted, got);
}

/** What is wrong with an expression's answer; undefined = it is the expected one. */
export function judgeSamples(
  { expr, evalTimeMs, expected }: ExpressionCase,
  elements: readonly VectorElement[],
  fuzzy: boolean,
): string | undefined {
  const wanted = [...expected].sort((a, b) => compareLabels(a.labels, b.labels));
  const got = [...elements].sort((a, b) => compareLabels(a.labels, b.labels));
  const fits = (sample: ExpectedSample, i: number) => isSame(sample, got[i], fuzzy);
  if (wanted.length === got.length && wanted.every(fits)) return undefined;
  const place = `${expr} at ${formatDurationMs(evalTimeMs)}`;
  return difference(place, wanted.map(sampleText), got.map(sampleText));
}

/** As promtool has it, NaN is not even what NaN is expected to be. */
function isSame(
  expected: ExpectedSample,
  element: VectorElement | undefined,
  fuzzy: boolean,
): boolean {
  if (!element || compareLabels(expected.labels, element.labels) !== 0) return false;
  if (expected.histogram && element.histogram) {
    return histogramKey(expected.histogram) === histogramKey(element.histogram);
  }
  if (expected.histogram || element.histogram) return false;
  const { value } = element;
  if (expected.value === value) return true;
  return fuzzy && isNeighbour(expected.value, value);
}

/** Whether no other double lies between. */
function isNeighbour(a: number, b: number): boolean {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  const words = new DataView(new ArrayBuffer(16));
  words.setFloat64(0, a);
  words.setFloat64(8, b);
  const distance = ordered(words.getBigInt64(0)) - ordered(words.getBigInt64(8));
  return distance === 1n || distance === -1n;
}

const SIGN = 1n << 63n;

/** Bits of doubles in the order of their values. */
function ordered(bits: bigint): bigint {
  return bits < 0n ? -(bits + SIGN) : bits;
}

function histogramKey(histogram: NativeHistogram): string {
  const { resetHint, schema, zeroThreshold, zeroCount, count, sum, customBounds, ...sides } =
    compactHistogram(histogram);
  const side = ({ spans, counts }: HistogramBuckets) => [spans, [...counts]];
  return JSON.stringify([
    resetHint,
    schema,
    [zeroThreshold, zeroCount, count, sum].map(String),
    [...customBounds],
    side(sides.positive),
    side(sides.negative),
  ]);
}

function alertText({ labels, annotations }: ExpectedAlert): string {
  return `${recordText(labels)} with ${recordText(annotations)}`;
}

/** Labels without a value are shown, too: they are why an alert is another. */
function recordText(record: Readonly<Record<string, string>>): string {
  const empty = Object.keys(record).filter((name) => record[name] === "");
  const text = formatLabels(labelsFromPairs(Object.entries(record)));
  return empty.length === 0 ? text : `${text} and empty ${empty.sort(compareText).join(", ")}`;
}

function sampleText({ labels, value, histogram }: ExpectedSample | VectorElement): string {
  const shown = histogram
    ? `${histogramText(histogram)}${histogram.resetHint === "unknown" ? "" : ` (${histogram.resetHint})`}`
    : numberText(value);
  return `${formatLabels(labels)} ${shown}`;
}

/** Lines that both have stand as they are, the others with a sign. */
function difference(place: string, wanted: readonly string[], got: readonly string[]): string {
  const rest = [...got];
  const lines = wanted.map((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return `    ${at >= 0 ? " " : "-"} ${line}`;
  });
  lines.push(...rest.map((line) => `    + ${line}`));
  if (wanted.length === 0) lines.unshift("    nothing was expected");
  if (got.length === 0) lines.push("    nothing came");
  return [`${place} (- expected, + got):`, ...lines].join("\n");
}
