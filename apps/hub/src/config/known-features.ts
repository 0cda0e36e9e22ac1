import { nearestWord } from "@hms-ops/model";
import { LANGUAGE_FEATURES } from "@hms-ops/query";
import type { Log } from "../ports.ts";

/** Of Prometheus 2.42 to 3.14; its service files come with them, and here they change nothing. */
const OF_PROMETHEUS = [
  ..."agent auto-gomaxprocs auto-gomemlimit auto-reload-config concurrent-rule-eval".split(" "),
  ..."created-timestamp-zero-ingestion delayed-compaction exemplar-storage".split(" "),
  ..."expand-external-labels extra-scrape-metrics memory-snapshot-on-shutdown".split(" "),
  ..."metadata-wal-records native-histograms new-service-discovery-manager".split(" "),
  ..."no-default-scrape-port old-ui ooo-native-histograms otlp-deltatocumulative".split(" "),
  ..."otlp-native-delta-ingestion otlp-write-receiver promql-at-modifier".split(" "),
  ..."promql-duration-expr promql-negative-offset promql-per-step-stats".split(" "),
  ..."remote-write-receiver st-storage type-and-unit-labels use-start-timestamps".split(" "),
  ..."use-uncached-io utf8-names xor2-encoding".split(" "),
];
const KNOWN: ReadonlySet<string> = new Set(["all", ...LANGUAGE_FEATURES, ...OF_PROMETHEUS]);

/** One line for the names behind `--enable-feature` that nobody knows: no reason to stop. */
export function tellUnknownFeatures(names: readonly string[], log: Log): void {
  const unknown = names.filter((name) => !KNOWN.has(name));
  if (unknown.length === 0) return;
  const guesses = unknown.flatMap((name) => nearestWord(name, [...KNOWN]) ?? []);
  const guess = guesses.length > 0 ? `Did you mean ${guesses.join(", ")}? ` : "";
  log.warn("--enable-feature names what neither HMS-OPS nor Prometheus has; it changes nothing", {
    names: unknown,
    mend: `${guess}HMS-OPS has: all, ${LANGUAGE_FEATURES.join(", ")}`,
  });
}
