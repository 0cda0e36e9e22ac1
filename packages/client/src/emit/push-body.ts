import { OpsError } from "@hms-ops/model";
import { CLIENT_ERRORS } from "../errors.ts";
import type { LabelValues, MetricKind } from "./family.ts";
import type { MetricEvent } from "./metric.ts";
import type { Registry } from "./registry.ts";

export interface PushOutcome {
  readonly taken: number;
  readonly refused: readonly OpsError[];
}

/** Words for kinds that senders use. */
const KINDS: Readonly<Record<string, MetricKind>> = {
  counter: "counter",
  c: "counter",
  gauge: "gauge",
  g: "gauge",
  histogram: "histogram",
  h: "histogram",
  timer: "timer",
  timing: "timer",
  ms: "timer",
};

/**
 * Takes what was posted to /metrics: `{"name": 3, …}`, `{"metric": "name", "value": 3, "type"?,
 * "tags"?}`, or a list of these. The good part is kept.
 */
export function takePushBody(text: string, registry: Registry): PushOutcome {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { taken: 0, refused: [unreadable("it is not JSON")] };
  }
  const refused: OpsError[] = [];
  let taken = 0;
  for (const item of Array.isArray(json) ? json : [json]) {
    for (const event of eventsOf(item, registry)) {
      const error = event instanceof OpsError ? event : errorOf(event, registry);
      if (error) refused.push(error);
      else taken++;
    }
  }
  return { taken, refused };
}

/** What `takePushBody` reads. */
export function writePushBody(events: readonly MetricEvent[]): string {
  const items = events.map(({ name, kind, value, labels }) => ({
    metric: name,
    value,
    type: kind,
    ...(labels && { tags: labels }),
  }));
  return JSON.stringify(items.length === 1 ? items[0] : items);
}

function errorOf(event: MetricEvent, registry: Registry): OpsError | undefined {
  const recording = registry.record(event.name, event.kind, event.value, event.labels);
  return recording.ok ? undefined : recording.error;
}

function eventsOf(item: unknown, registry: Registry): readonly (MetricEvent | OpsError)[] {
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    return [unreadable("an item is not an object")];
  }
  const members = item as Readonly<Record<string, unknown>>;
  const name = members.metric ?? members.name;
  if (typeof name === "string" && "value" in members)
    return [describedEvent(name, members, registry)];
  return Object.entries(members).map(([metric, value]) =>
    eventOf(metric, value, impliedKind(metric, registry), undefined),
  );
}

function describedEvent(
  name: string,
  members: Readonly<Record<string, unknown>>,
  registry: Registry,
): MetricEvent | OpsError {
  const { value, type, tags } = members;
  if (type === undefined) return eventOf(name, value, impliedKind(name, registry), tags);
  const kind = KINDS[String(type)];
  if (!kind) return unreadable(`${JSON.stringify(type)} is no type of metric`);
  return eventOf(name, value, kind, tags);
}

function eventOf(
  name: string,
  value: unknown,
  kind: MetricKind,
  tags: unknown,
): MetricEvent | OpsError {
  if (typeof value !== "number") {
    return new OpsError(CLIENT_ERRORS.metricValue, { name, value: JSON.stringify(value) ?? "" });
  }
  const labels = typeof tags === "object" && tags !== null ? textsOf(tags) : undefined;
  return { name, kind, value, labels };
}

/** Without a type the name says what it is; a metric that is known stays what it is. */
function impliedKind(name: string, registry: Registry): MetricKind {
  const known = registry.kindOf(name);
  if (known) return known;
  if (name.endsWith("_total")) return "counter";
  return name.endsWith("_ms") || name.endsWith("_seconds") ? "timer" : "gauge";
}

function textsOf(tags: object): LabelValues {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, String(value)]));
}

function unreadable(why: string): OpsError {
  return new OpsError(CLIENT_ERRORS.pushBody, { why });
}
