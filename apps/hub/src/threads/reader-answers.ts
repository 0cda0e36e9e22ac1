import {
  type Diagnostic,
  type Labels,
  type Matcher,
  type MetadataRequest,
  OpsError,
  type QueryAnswer,
  type QueryBudget,
} from "@hms-ops/model";
import { linePosition, parseSelector, QUERY_ERRORS } from "@hms-ops/query";
import { compileRegex } from "@hms-ops/query/regex";
import type { TsdbReader } from "@hms-ops/stores/tsdb";
import { listAnswerPieces } from "@hms-ops/wire/prometheus-api";
import { HUB_ERRORS } from "../errors.ts";
import { ANSWER_PIECE_BYTES, MAX_METADATA_RESULTS } from "../limits.ts";
import type { ListingCall } from "./calls.ts";

export const CUT = "results truncated due to limit";

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

/** Answers /api/v1/{series,labels,label/…/values}, in pieces of ANSWER_PIECE_BYTES and a last one. */
export async function listingPieces(
  reader: Listings,
  listing: Omit<ListingCall, "flag">,
  budget: QueryBudget,
): Promise<Iterator<Uint8Array<ArrayBuffer>, void>> {
  const limit = listing.limit === 0 ? MAX_METADATA_RESULTS : listing.limit;
  const request: MetadataRequest = {
    matcherSets: listing.matches.map(readMatch),
    range: listing.range,
    budget,
    limit,
  };
  const found = await listed(reader, listing, request);
  const cut = found.length > limit;
  const data = cut ? found.slice(0, limit) : found;
  return listAnswerPieces(data, cut ? { warnings: [CUT] } : {}, ANSWER_PIECE_BYTES);
}

async function listed(
  reader: Listings,
  { kind, labelName }: Pick<ListingCall, "kind" | "labelName">,
  request: MetadataRequest,
): Promise<readonly (string | Labels)[]> {
  if (kind === "labels") return await reader.labelNames(request);
  if (kind === "values") return await reader.labelValues(labelName, request);
  return await reader.series(request);
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
