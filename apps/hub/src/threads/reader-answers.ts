import {
  type Diagnostic,
  labelsToRecord,
  type Matcher,
  METRIC_NAME,
  type MetadataRequest,
  OpsError,
  type QueryAnswer,
} from "@hms-ops/model";
import { linePosition, parseSelector, QUERY_ERRORS } from "@hms-ops/query";
import { compileRegex } from "@hms-ops/query/regex";
import type { TsdbReader } from "@hms-ops/stores/tsdb";
import { writeDataAnswer } from "@hms-ops/wire/prometheus-api";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_METADATA_RESULTS } from "../limits.ts";
import type { CountedName, ListingCall, TopCounts, TopCountsCall } from "./calls.ts";
import { queryBudget } from "./reader-budget.ts";

const CUT = "results truncated due to limit";
/** Series that the top lists are counted over; beyond it they would take longer than a page waits. */
const MAX_COUNTED_SERIES = 200_000;

type Listings = Pick<TsdbReader, "labelNames" | "labelValues" | "series">;

/** Tells where an expression could not be read, as Prometheus tells it. */
export function refuseUnreadable(text: string, diagnostics: readonly Diagnostic[]): never {
  const first = diagnostics.find(({ severity }) => severity === "error") ?? diagnostics[0];
  const position = linePosition(text, first?.from ?? 0);
  const reason = first?.message ?? "it cannot be read";
  const mend = first?.suggestion;
  const row = mend ? { ...QUERY_ERRORS.parse, mend } : QUERY_ERRORS.parse;
  throw new OpsError(row, { position, reason });
}

/** The first `limit` series of an answer, and a warning if that was not all; 0 = all. */
export function cutAnswer(answer: QueryAnswer, limit: number): QueryAnswer {
  const { value } = answer;
  const warnings = [...answer.warnings, CUT];
  if (limit > 0 && value.kind === "vector" && value.elements.length > limit) {
    const elements = value.elements.slice(0, limit);
    return { ...answer, warnings, value: { kind: "vector", elements } };
  }
  if (limit > 0 && value.kind === "matrix" && value.series.length > limit) {
    return { ...answer, warnings, value: { kind: "matrix", series: value.series.slice(0, limit) } };
  }
  return answer;
}

/** Answers /api/v1/{series,labels,label/…/values} whole. */
export async function listingBytes(
  reader: Listings,
  listing: ListingCall,
): Promise<Uint8Array<ArrayBuffer>> {
  const limit = listing.limit === 0 ? MAX_METADATA_RESULTS : listing.limit;
  const request: MetadataRequest = {
    matcherSets: listing.matches.map(readMatch),
    range: listing.range,
    budget: queryBudget(listing.flag),
    limit,
  };
  const found = await listed(reader, listing, request);
  const cut = found.length > limit;
  const data = cut ? found.slice(0, limit) : found;
  return new TextEncoder().encode(writeDataAnswer(data, cut ? { warnings: [CUT] } : {}));
}

async function listed(
  reader: Listings,
  { kind, labelName }: ListingCall,
  request: MetadataRequest,
): Promise<readonly unknown[]> {
  if (kind === "labels") return await reader.labelNames(request);
  if (kind === "values") return await reader.labelValues(labelName, request);
  return (await reader.series(request)).map(labelsToRecord);
}

/** Throws what is wrong with a selector, also if it matches every series. */
export function readMatch(text: string): readonly Matcher[] {
  const { matchers, diagnostics } = parseSelector(text);
  if (matchers === undefined) return refuseUnreadable(text, diagnostics);
  if (matchers.every(matchesEmpty)) throw new OpsError(HUB_ERRORS.emptyMatch);
  return matchers;
}

function matchesEmpty({ operator, value }: Matcher): boolean {
  if (operator === "=") return value === "";
  if (operator === "!=") return value !== "";
  const regex = compileRegex(value);
  const matches = "test" in regex && regex.test("");
  return operator === "=~" ? matches : !matches;
}

/** Where the series are: the longest lists by name, label and pair. */
export async function topCounts(
  reader: Listings,
  { limit, flag }: TopCountsCall,
): Promise<TopCounts> {
  const all = await reader.series({
    matcherSets: [],
    range: { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER },
    budget: queryBudget(flag),
    limit: MAX_COUNTED_SERIES,
  });
  const byMetric = new Map<string, number>();
  const byPair = new Map<string, number>();
  const values = new Map<string, Set<string>>();
  for (const labels of all) {
    for (let i = 0; i < labels.length; i += 2) {
      const name = labels[i] ?? "";
      const value = labels[i + 1] ?? "";
      if (name === METRIC_NAME) add(byMetric, value);
      add(byPair, `${name}=${value}`);
      const known = values.get(name);
      if (known) known.add(value);
      else values.set(name, new Set([value]));
    }
  }
  const bytes = [...values].map(([name, set]): [string, number] => [name, bytesOf(set)]);
  return {
    seriesByMetricName: top([...byMetric], limit),
    valuesByLabelName: top(
      [...values].map(([name, set]) => [name, set.size]),
      limit,
    ),
    bytesByLabelName: top(bytes, limit),
    seriesByPair: top([...byPair], limit),
  };
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function bytesOf(texts: ReadonlySet<string>): number {
  let bytes = 0;
  for (const text of texts) bytes += Buffer.byteLength(text);
  return bytes;
}

function top(
  counts: readonly (readonly [string, number])[],
  limit: number,
): readonly CountedName[] {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, limit)
    .map(([name, value]) => ({ name, value }));
}
