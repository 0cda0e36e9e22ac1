import { formatMatcher, labelsToRecord, type Matcher } from "@hms-ops/model";
import type { PrometheusClient } from "@prometheus-io/codemirror-promql";
import { EqlRegex, EqlSingle, Neq, NeqRegex } from "@prometheus-io/lezer-promql";
import { MOST_COMPLETIONS } from "../limits.ts";
import type { HubPort } from "../live/hub-port.ts";

type CompletionMatchers = Parameters<PrometheusClient["labelValues"]>[2];

/** What completion asks, asked of our hub; a question that fails completes nothing. */
export function completionSource(hub: HubPort): PrometheusClient {
  const limit = MOST_COMPLETIONS;
  const names = once(() => hub.labelValues("__name__", { limit }));
  const metadata = once(() => hub.metadata());
  return {
    async labelNames(metricName) {
      const match = selectors(metricName);
      return [...(await orNone(hub.labels({ match, limit })))];
    },
    async labelValues(labelName, metricName, matchers) {
      if (labelName === "__name__") return [...(await orNone(names()))];
      const match = selectors(metricName, matchers);
      return [...(await orNone(hub.labelValues(labelName, { match, limit })))];
    },
    async metricMetadata() {
      const families = await metadata().catch(() => new Map());
      return Object.fromEntries(
        [...families].map(([name, { type, help }]) => [name, [{ type, help }]]),
      );
    },
    async series(metricName, matchers) {
      const match = selectors(metricName, matchers) ?? [];
      const found = match.length > 0 ? await orNone(hub.series(match, { limit })) : [];
      return found.map((labels) => new Map(Object.entries(labelsToRecord(labels))));
    },
    metricNames: async () => [...(await orNone(names()))],
    flags: async () => ({}),
  };
}

/** Undefined = every series. */
function selectors(
  metricName: string | undefined,
  matchers: CompletionMatchers = [],
): readonly string[] | undefined {
  const written = matchers
    .filter(({ value }) => value !== "")
    .map(({ name, type, value }) => formatMatcher({ name, operator: operatorOf(type), value }));
  if (!metricName && written.length === 0) return undefined;
  const name = metricName ? [`__name__=${JSON.stringify(metricName)}`] : [];
  return [`{${[...name, ...written].join(",")}}`];
}

/** The package's operators are ids of its grammar. */
function operatorOf(type: number): Matcher["operator"] {
  return OPERATORS.get(type) ?? "=";
}

const OPERATORS: ReadonlyMap<number, Matcher["operator"]> = new Map([
  [EqlSingle, "="],
  [Neq, "!="],
  [EqlRegex, "=~"],
  [NeqRegex, "!~"],
]);

async function orNone<Item>(answer: Promise<readonly Item[]>): Promise<readonly Item[]> {
  return answer.catch(() => []);
}

/** The first good answer is kept; an editor lives for minutes, names for longer. */
function once<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let kept: Promise<Answer> | undefined;
  return () => {
    kept ??= ask().catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  };
}
