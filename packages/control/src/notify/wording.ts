import { labelsToRecord } from "@hms-ops/model";
import type { Alert } from "../alerting/alert.ts";
import type { RuleCondition } from "../rules/rule.ts";
import type { Notification } from "./channel.ts";

/**
 * What is wrong, in units that a person reads. Of a rule by metric and limit it is that alone:
 * `payment_latency_ms 2.9 s (>2 s)`. Of others the alert's name, its summary and whom it is about
 * come with it: `TooManyOrders: zone:orders:rate1m 3 (>2.5) – more than we can pack, zone=us`.
 */
export function conditionText(notification: Notification): string {
  const { condition, alertName, alerts, status, dialect } = notification;
  const meant = alerts.filter(({ state }) => (state === "firing") === (status === "firing"));
  // How much something equals a number says nothing: `up 0 (==0)`.
  const measured = condition && !/^[=!]=$/.test(condition.operator) ? condition : undefined;
  const told = worstAlert(meant, measured?.operator);
  if (!told) return alertName;
  const more = meant.length > 1 ? `, and ${meant.length - 1} more` : "";
  if (!measured) {
    const { summary = "" } = told.annotations;
    const labels = labelsText(told, notification, summary);
    return `${alertName}${summary && `: ${summary}`}${labels}${more}`;
  }
  const what = measuredText(measured, status === "firing" ? told.value : undefined);
  // Chapter 3 gives the whole line of such a rule, which has no name but its file's.
  if (dialect === "metric-when") {
    return more === "" ? what : `${what}${labelsText(told, notification, "")}${more}`;
  }
  // Once it is over, a summary with the last bad value in it would mislead.
  const summary = (status === "firing" && told.annotations.summary) || "";
  const name = measured.subject === alertName ? "" : `${alertName}: `;
  const labels = labelsText(told, notification, summary);
  return `${name}${what}${summary && ` – ${summary}`}${labels}${more}`;
}

function measuredText({ subject, operator, threshold }: RuleCondition, value?: number): string {
  const limit = `${operator}${formatThreshold(subject, threshold)}`;
  return value === undefined
    ? `${subject} (was ${limit})`
    : `${subject} ${formatMeasured(subject, value)} (${limit})`;
}

/** What tells this alert from others of its rule, unless the summary says it already. */
function labelsText({ labels }: Alert, { ruleLabels }: Notification, summary: string): string {
  return Object.entries(labelsToRecord(labels))
    .filter(([name, value]) => name !== "alertname" && ruleLabels?.[name] !== value)
    .filter(([, value]) => !holdsWord(summary, value))
    .map(([name, value]) => `, ${name}=${value}`)
    .join("");
}

function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0 && at < text.length; at = text.indexOf(word, at + 1)) {
    const [before = "", after = ""] = [text[at - 1], text[at + word.length]];
    if (!/[\p{L}\p{N}_]/u.test(before + after)) return true;
  }
  return false;
}

/** A measured value: two or three digits are what a person takes in at night. */
function formatMeasured(metric: string, value: number): string {
  return scaled(metric, value, (number) => {
    if (!Number.isFinite(number)) return String(number);
    const size = Math.abs(number);
    if (size >= 10) return String(Math.round(number));
    return size >= 1 || size === 0 ? trim(number.toFixed(1)) : trim(number.toPrecision(2));
  });
}

/** A limit: as exact as it was written. */
function formatThreshold(metric: string, value: number): string {
  return scaled(metric, value, (number) => String(Number(number.toPrecision(12))));
}

/** Times in the unit that suits them; other metrics bare. */
function scaled(metric: string, value: number, format: (number: number) => string): string {
  const valueMs = /_ms$|\.ms$|_ms_/.test(metric)
    ? value
    : /_seconds$/.test(metric)
      ? value * 1000
      : undefined;
  if (valueMs === undefined) return format(value);
  return Math.abs(valueMs) >= 1000 ? `${format(valueMs / 1000)} s` : `${format(valueMs)} ms`;
}

function worstAlert(
  alerts: readonly Alert[],
  operator: RuleCondition["operator"] | undefined,
): Alert | undefined {
  const [first, ...others] = alerts;
  if (!first || operator === undefined) return first;
  const sign = operator.startsWith("<") ? -1 : 1;
  return others.reduce((worst, one) => (sign * (one.value - worst.value) > 0 ? one : worst), first);
}

function trim(text: string): string {
  return /[.]/.test(text) && !/e/.test(text) ? text.replace(/\.?0+$/, "") : text;
}
