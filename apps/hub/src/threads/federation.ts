import {
  bug,
  compareText,
  type Labels,
  labelsKey,
  labelValue,
  type Matcher,
  METRIC_NAME,
  type SeriesBatch,
} from "@hms-ops/model";
import { parseSelector } from "@hms-ops/query";
import type { TsdbReader } from "@hms-ops/stores/tsdb";
import { writeExposition } from "@hms-ops/wire/exposition";
import type { FederationCall } from "./calls.ts";
import { refuseUnreadable } from "./reader-answers.ts";
import { queryBudget } from "./reader-budget.ts";

interface Newest {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
}

/**
 * The newest sample within the look-back of each series that one of the selectors matches, as
 * exposition text: without ended series and histograms, which the text cannot say.
 */
export async function federatedText(
  reader: Pick<TsdbReader, "snapshot">,
  { matches, nowMs, lookbackMs, externalLabels, flag }: FederationCall,
): Promise<string> {
  const range = { fromMs: nowMs - lookbackMs, toMs: nowMs };
  const budget = queryBudget(flag);
  const found = new Map<string, Newest>();
  for (const matchers of matches.map(readAnyMatch)) {
    const snapshot = await reader.snapshot({ matchers, range, budget });
    try {
      for await (const batch of snapshot.read(range)) {
        for (let k = 0; k < batch.count; k++) {
          const labels = snapshot.series[batch.first + k] ?? bug("a batch names no series");
          const newest = newestOf(batch, k);
          if (newest) found.set(labelsKey(labels), { labels, ...newest });
        }
      }
    } finally {
      snapshot.close();
    }
  }
  return familiesText([...found.values()], externalLabels);
}

/** One that matches every series is fine here. */
function readAnyMatch(text: string): readonly Matcher[] {
  const { matchers, diagnostics } = parseSelector(text);
  return matchers ?? refuseUnreadable(text, diagnostics);
}

function newestOf(
  { offsets, timesMs, values, stale, histograms }: SeriesBatch,
  series: number,
): Omit<Newest, "labels"> | undefined {
  const from = offsets[series] ?? 0;
  const row = (offsets[series + 1] ?? 0) - 1;
  if (row < from || stale[row] === 1 || histograms?.isHistogram[row] === 1) return undefined;
  return { timeMs: timesMs[row] ?? Number.NaN, value: values[row] ?? Number.NaN };
}

function familiesText(
  samples: readonly Newest[],
  externalLabels: Readonly<Record<string, string>>,
): string {
  const named = samples.filter(({ labels }) => labelValue(labels, METRIC_NAME) !== "");
  const families = Map.groupBy(named, ({ labels }) => labelValue(labels, METRIC_NAME));
  const inOrder = [...families].sort(([a], [b]) => compareText(a, b));
  return writeExposition(
    inOrder.map(([name, members]) => ({
      name,
      type: "unknown",
      help: "",
      unit: "",
      samples: members
        .map(({ labels, ...sample }) => ({ ...sample, labels: completed(labels, externalLabels) }))
        .sort((a, b) => compareText(a.labels.join("\u0000"), b.labels.join("\u0000"))),
    })),
  );
}

/** An empty instance keeps the one who scrapes from putting its own there. */
function completed(labels: Labels, externalLabels: Readonly<Record<string, string>>): Labels {
  const added = Object.entries({ instance: "", ...externalLabels }).filter(
    ([name]) => labelValue(labels, name) === "",
  );
  return [...labels, ...added.flat()];
}
