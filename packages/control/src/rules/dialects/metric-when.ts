import { isLegacyMetricName, parseDurationMs } from "@hms-ops/model";
import { CONTROL_ERRORS } from "../../errors.ts";
import { checkExpression } from "../expression.ts";
import type { RuleCondition } from "../rule.ts";
import {
  checkSomebodyIsTold,
  checkTemplateText,
  readDuration,
  readTargets,
  readTemplates,
} from "../rule-parts.ts";
import { baseName, type Dialect } from "./dialect.ts";

const KEYS = [
  "metric",
  "when",
  "action",
  "message",
  "name",
  "for",
  "labels",
  "severity",
  "runbook",
  "annotations",
];
const WHEN =
  /^(?:(avg|mean|min|max|sum|count|last|rate|increase|p\d{1,2}(?:_\d+)?)(?:_over_|_)(\d+[a-z]+(?:\d+[a-z]+)*)|(value|last))?\s*(>=|<=|==|!=|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)$/i;

/** `metric:`, `when: avg_over_30s > 2000`, `action: sms:+15551234`, `message: "… {{value}} …"`. */
export const metricWhen: Dialect = {
  name: "metric-when",
  recognises: (keys) => keys.has("metric") || keys.has("when"),
  async read(document, root, context) {
    const entries = document.entries(root, KEYS, "a metric rule");
    const metric = document.requiredText(entries, "metric", "The rule", root);
    const when = document.requiredText(entries, "when", "The rule", root);
    const condition = when && readWhen(when.text);
    if (when && !condition) {
      document.report(CONTROL_ERRORS.badCondition, { found: when.text }, when.node);
    }
    const notify = readTargets(document, entries, "action", context);
    const message = document.optionalText(entries, "message");
    const summary = message && { node: message.node, text: asTemplate(message.text) };
    if (summary) checkTemplateText(document, "message", summary);
    const severity = document.optionalText(entries, "severity")?.text ?? "critical";
    const runbook = document.optionalText(entries, "runbook")?.text;
    const labels = { severity, ...readTemplates(document, entries, "labels") };
    const annotations = {
      ...(summary && { summary: summary.text }),
      ...(runbook && { runbook }),
      ...readTemplates(document, entries, "annotations"),
    };
    const forMs = readDuration(document, entries, "for");
    if (!metric || !when || !condition) return [];
    const subject = metric.text.trim();
    const name = document.optionalText(entries, "name")?.text ?? nameOf(document.file, subject);
    const written = expressionOf(subject, condition);
    const expr = checkExpression(document, { text: written, node: metric.node }, "metric");
    if (expr === undefined) return [];
    checkSomebodyIsTold(document, name, notify, root, context);
    const rule = {
      kind: "alerting",
      name,
      expr,
      source: `${subject} ${withoutComment(when.text)}`,
      dialect: "metric-when",
      forMs,
      keepFiringForMs: 0,
      labels,
      annotations,
      notify,
      condition: { subject, operator: condition.operator, threshold: condition.threshold },
      origin: { file: document.file, line: document.lineOf(root) },
    } as const;
    const group = baseName(document.file);
    return [{ name: group, file: document.file, queryOffsetMs: 0, limit: 0, rules: [rule] }];
  },
};

interface When {
  /** `avg`, `p95` …; empty = the latest value. */
  readonly reducer: string;
  readonly window: string;
  readonly operator: RuleCondition["operator"];
  readonly threshold: number;
}

function readWhen(text: string): When | undefined {
  const match = WHEN.exec(withoutComment(text));
  if (!match) return undefined;
  const [, reducer = "", window = "", , operator = "", threshold = ""] = match;
  if (window !== "" && !parseDurationMs(window.toLowerCase())) return undefined;
  return {
    reducer: reducer.toLowerCase(),
    window: window.toLowerCase(),
    operator: operator as RuleCondition["operator"],
    threshold: Number(threshold),
  };
}

function withoutComment(text: string): string {
  return text.replace(/#.*$/, "").trim();
}

/**
 * The condition as PromQL. Timers and histograms are averaged over their events (sum ÷ count), and
 * gauges over their samples; the rule may come before the metric, so the text holds both.
 */
function expressionOf(metric: string, when: When): string {
  return `${measured(metric, when)} ${when.operator} ${when.threshold}`;
}

function measured(metric: string, { reducer, window }: When): string {
  const range = `[${window}]`;
  const name = (suffix = "") => selector(metric + suffix);
  if (reducer === "" || (reducer === "last" && window === "")) return name();
  if (reducer === "avg" || reducer === "mean") {
    const perEvent = `increase(${name("_sum")}${range}) / increase(${name("_count")}${range})`;
    return `(${perEvent} or avg_over_time(${name()}${range}))`;
  }
  if (reducer === "rate" || reducer === "increase") return `${reducer}(${name()}${range})`;
  if (!reducer.startsWith("p")) return `${reducer}_over_time(${name()}${range})`;
  const quantile = Number(`0.${reducer.slice(1).replace("_", "").padStart(2, "0")}`);
  const of = (suffix: string) => `histogram_quantile(${quantile}, rate(${name(suffix)}${range}))`;
  return `(${of("_events_bucket")} or ${of("_bucket")} or quantile_over_time(${quantile}, ${name()}${range}))`;
}

function selector(metric: string): string {
  return isLegacyMetricName(metric) ? metric : `{${JSON.stringify(metric)}}`;
}

/** `{{value}}` -> the value with four digits. */
function asTemplate(message: string): string {
  return message.replace(/\{\{\s*value\s*\}\}/g, '{{ printf "%.4g" $value }}');
}

/** Named after the file; the metric's own name is taken by the metric. */
function nameOf(file: string, metric: string): string {
  const name = baseName(file);
  return name === metric ? `${name}_alert` : name;
}
