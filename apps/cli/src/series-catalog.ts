import type { HubClient } from "@hms-ops/client";
import type { Matcher } from "@hms-ops/model";
import type { SeriesCatalog } from "@hms-ops/query";

/** What a hub holds, as explanations of empty answers ask for it. */
export function seriesCatalog(hub: HubClient): SeriesCatalog {
  const selector = (matchers: readonly Matcher[]) => {
    const written = matchers.map(
      ({ name, operator, value }) => `${JSON.stringify(name)}${operator}${JSON.stringify(value)}`,
    );
    return `{${written.join(",")}}`;
  };
  const ofMetric = (name: string) => [selector([{ name: "__name__", operator: "=", value: name }])];
  return {
    metricNames: () => hub.labelValues("__name__"),
    labelNames: (metric) => hub.labels({ match: ofMetric(metric) }),
    labelValues: (metric, label) => hub.labelValues(label, { match: ofMetric(metric) }),
    matches: async (matchers) => (await hub.series([selector(matchers)], { limit: 1 })).length > 0,
  };
}
