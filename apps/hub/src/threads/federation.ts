import {
  bug,
  compareLabels,
  compareText,
  type Labels,
  labelValue,
  type Matcher,
  METRIC_NAME,
  type QueryBudget,
  type SeriesBatch,
} from "@hms-ops/model";
import { parseSelector } from "@hms-ops/query";
import type { TsdbReader } from "@hms-ops/stores/tsdb";
import {
  escapedName,
  expositionPieces,
  type FamilySample,
  type FlowingFamily,
  type NameEscaping,
} from "@hms-ops/wire/exposition";
import { ANSWER_PIECE_BYTES } from "../limits.ts";
import type { FederationCall } from "./calls.ts";
import { refuseUnreadable } from "./reader-answers.ts";

interface Newest {
  readonly name: string;
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
}

/** Measured: the object, and the labels that the store hands out for it. */
const NEWEST_BYTES = 200;
/** Series that may be compared before the budget is asked whether the call may go on. */
const COMPARISONS_PER_CHECK = 10_000;

/**
 * The newest sample within the look-back of each series that one of the selectors matches, as
 * exposition text: without ended series and histograms, which the text cannot say. In pieces of
 * ANSWER_PIECE_BYTES and a last one, each made when it is asked for.
 */
export async function federatedPieces(
  reader: Pick<TsdbReader, "snapshot">,
  { matches, nowMs, lookbackMs, externalLabels, escaping }: Omit<FederationCall, "flag">,
  budget: QueryBudget,
): Promise<Iterator<Uint8Array<ArrayBuffer>, void>> {
  const range = { fromMs: nowMs - lookbackMs, toMs: nowMs };
  const found: Newest[] = [];
  for (const matchers of matches.map(readAnyMatch)) {
    const snapshot = await reader.snapshot({ matchers, range, budget });
    try {
      for await (const batch of snapshot.read(range)) {
        budget.spend(0, batch.count * NEWEST_BYTES);
        for (let k = 0; k < batch.count; k++) {
          const labels = snapshot.series[batch.first + k] ?? bug("a batch names no series");
          const newest = newestOf(batch, k, labels);
          if (newest) found.push(newest);
        }
      }
    } finally {
      snapshot.close();
    }
  }
  const shown = families(inOrder(found, budget), externalLabels);
  return encoded(escaping === "allow-utf-8" ? shown : renamed(shown, escaping));
}

/** One that matches every series is fine here. */
function readAnyMatch(text: string): readonly Matcher[] {
  const { matchers, diagnostics } = parseSelector(text);
  return matchers ?? refuseUnreadable(text, diagnostics);
}

/** Undefined also for a series without a name: the text cannot say it. */
function newestOf(
  { offsets, timesMs, values, stale, histograms }: SeriesBatch,
  series: number,
  labels: Labels,
): Newest | undefined {
  const from = offsets[series] ?? 0;
  const row = (offsets[series + 1] ?? 0) - 1;
  if (row < from || stale[row] === 1 || histograms?.isHistogram[row] === 1) return undefined;
  const name = labelValue(labels, METRIC_NAME);
  const [timeMs = Number.NaN, value = Number.NaN] = [timesMs[row], values[row]];
  return name === "" ? undefined : { name, labels, timeMs, value };
}

/** By name, then by labels; one that several selectors found comes once. */
function inOrder(found: Newest[], budget: QueryBudget): readonly Newest[] {
  let compared = 0;
  const sorted = found.sort((a, b) => {
    if (++compared % COMPARISONS_PER_CHECK === 0) budget.spend(0, 0);
    return compareText(a.name, b.name) || compareLabels(a.labels, b.labels);
  });
  return sorted.filter((one, i) => compareLabels(one.labels, sorted[i - 1]?.labels ?? []) !== 0);
}

function* families(
  sorted: readonly Newest[],
  externalLabels: Readonly<Record<string, string>>,
): Generator<FlowingFamily, void> {
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const name = sorted[from]?.name ?? "";
    while (sorted[to]?.name === name) to++;
    const samples = samplesOf(sorted, from, to, externalLabels);
    yield { name, type: "unknown", help: "", unit: "", samples };
  }
}

function* samplesOf(
  sorted: readonly Newest[],
  from: number,
  to: number,
  externalLabels: Readonly<Record<string, string>>,
): Generator<FamilySample, void> {
  for (let i = from; i < to; i++) {
    const { labels, timeMs, value } = sorted[i] ?? bug("a family ends behind all");
    yield { labels: completed(labels, externalLabels), timeMs, value };
  }
}

/** An empty instance keeps the one who scrapes from putting its own there. */
function completed(labels: Labels, externalLabels: Readonly<Record<string, string>>): Labels {
  const added = Object.entries({ instance: "", ...externalLabels }).filter(
    ([name]) => labelValue(labels, name) === "",
  );
  return [...labels, ...added.flat()];
}

/** Names that become alike stay apart, as with Prometheus. */
function* renamed(
  shown: Iterable<FlowingFamily>,
  escaping: NameEscaping,
): Generator<FlowingFamily, void> {
  const known = new Map<string, string>();
  const nameOf = (name: string) => {
    const escaped = known.get(name) ?? escapedName(name, escaping);
    known.set(name, escaped);
    return escaped;
  };
  for (const family of shown) {
    const samples = renamedSamples(family.samples, family.name, nameOf);
    yield { ...family, name: nameOf(family.name), samples };
  }
}

function* renamedSamples(
  samples: Iterable<FamilySample>,
  name: string,
  nameOf: (name: string) => string,
): Generator<FamilySample, void> {
  const metric = nameOf(name);
  for (const { labels, ...sample } of samples) {
    const renamedLabels = labels.map((text, i) => {
      if (i % 2 === 0) return nameOf(text);
      return labels[i - 1] === METRIC_NAME ? metric : text;
    });
    yield { ...sample, labels: renamedLabels };
  }
}

function* encoded(shown: Iterable<FlowingFamily>): Generator<Uint8Array<ArrayBuffer>, void> {
  const encoder = new TextEncoder();
  for (const text of expositionPieces(shown, "text", ANSWER_PIECE_BYTES))
    yield encoder.encode(text);
}
