import type { RuleCondition } from "../rules/rule.ts";
import type { Notification } from "./channel.ts";

/** `payment_latency_ms 2.9 s (>2 s)`: what is wrong, in units that a person reads; else by name. */
export function conditionText(notification: Notification): string {
  const { condition, alerts } = notification;
  // How much something equals a number says nothing: `up 0 (==0)`.
  if (!condition || /^[=!]=$/.test(condition.operator)) return namedText(notification);
  const { subject, operator, threshold } = condition;
  const values = alerts.filter(({ state }) => state === "firing").map(({ value }) => value);
  const limit = `${operator}${formatThreshold(subject, threshold)}`;
  const worst = worstValue(values, operator);
  return worst === undefined
    ? `${subject} (was ${limit})`
    : `${subject} ${formatMeasured(subject, worst)} (${limit})`;
}

/** `TargetDown: hms-ach at 10.0.0.7:8000 gives no usable metrics, and 2 more` */
function namedText({ alertName, alerts, status }: Notification): string {
  const meant = alerts.filter(({ state }) => (state === "firing") === (status === "firing"));
  const [summary, ...more] = meant.flatMap(({ annotations }) => annotations.summary ?? []);
  if (!summary) return alertName;
  return `${alertName}: ${summary}${more.length > 0 ? `, and ${more.length} more` : ""}`;
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

function worstValue(
  values: readonly number[],
  operator: RuleCondition["operator"],
): number | undefined {
  if (values.length === 0) return undefined;
  return operator.startsWith("<") ? Math.min(...values) : Math.max(...values);
}

function trim(text: string): string {
  return /[.]/.test(text) && !/e/.test(text) ? text.replace(/\.?0+$/, "") : text;
}
