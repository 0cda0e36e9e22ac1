import { METRIC_NAME, type QueryBudget } from "@hms-ops/model";
import type { TsdbReader } from "@hms-ops/stores/tsdb";
import { ANSWER_PIECE_BYTES, MAX_METADATA_RESULTS } from "../limits.ts";
import type { NameSearch } from "../ports.ts";
import { scoreOf } from "./name-scores.ts";
import { CUT, readMatch } from "./reader-answers.ts";

/** Compared characters before the budget is asked whether the search may go on: some milliseconds. */
const COMPARED_PER_CHECK = 1_000_000;

/** Places in a list of names, in the order of the answer. */
interface Found {
  readonly places: readonly number[];
  /** By place. */
  readonly scores: Float64Array;
}

/**
 * What of the names or values in the store resembles the terms, as newline-delimited JSON: lines of
 * `results`, then one that says whether there is more. In pieces of ANSWER_PIECE_BYTES and a last one.
 */
export async function searchPieces(
  reader: Pick<TsdbReader, "labelNames" | "labelValues">,
  search: NameSearch,
  budget: QueryBudget,
): Promise<Generator<Uint8Array<ArrayBuffer>, void>> {
  const { kind, range } = search;
  const limit = MAX_METADATA_RESULTS;
  const request = { matcherSets: search.matches.map(readMatch), range, budget, limit };
  const listed =
    kind === "label_names"
      ? await reader.labelNames(request)
      : await reader.labelValues(kind === "metric_names" ? METRIC_NAME : search.label, request);
  const names = listed.slice(0, limit);
  const found = select(names, search, budget);
  return pieces(linesOf(names, found, search, listed.length > limit ? [CUT] : []));
}

/** One more than the limit, if there is one. */
function select(names: readonly string[], search: NameSearch, budget: QueryBudget): Found {
  const score = scoreOf(search);
  const termChars = search.terms.reduce((sum, term) => sum + term.length, 0);
  const wanted = search.order === "score" ? names.length : search.limit + 1;
  const scores = new Float64Array(names.length);
  const places: number[] = [];
  let compared = 0;
  for (let i = 0; i < names.length && places.length < wanted; i++) {
    const place = search.order === "descending" ? names.length - 1 - i : i;
    const name = names[place] ?? "";
    const reached = score(name);
    compared += name.length * termChars;
    if (compared > COMPARED_PER_CHECK) {
      compared = 0;
      budget.spend(0, 0);
    }
    if (reached < 0) continue;
    scores[place] = reached;
    places.push(place);
  }
  // Names are sorted, so that those of one score stay in their order.
  const scoreAt = (place: number) => scores[place] ?? 0;
  if (search.order === "score") places.sort((a, b) => scoreAt(b) - scoreAt(a) || a - b);
  return { places, scores };
}

/** The first line comes even if nothing was found. */
function* linesOf(
  names: readonly string[],
  { places, scores }: Found,
  { limit, batchSize, withScores, metadata }: NameSearch,
  warnings: readonly string[],
): Generator<string, void> {
  const shown = places.slice(0, limit);
  for (let from = 0; from === 0 || from < shown.length; from += batchSize) {
    const results = shown.slice(from, from + batchSize).map((place) => {
      const name = names[place] ?? "";
      const { type, help, unit } = metadata?.get(name) ?? {};
      return {
        name,
        ...(withScores && { score: scores[place] }),
        ...(type && { type }),
        ...(help && { help }),
        ...(unit && { unit }),
      };
    });
    const told = from === 0 && warnings.length > 0 ? { warnings } : {};
    yield `${JSON.stringify({ results, ...told })}\n`;
  }
  yield `${JSON.stringify({ status: "success", has_more: places.length > limit })}\n`;
}

function* pieces(lines: Iterable<string>): Generator<Uint8Array<ArrayBuffer>, void> {
  const encoder = new TextEncoder();
  let waiting: string[] = [];
  let chars = 0;
  for (const line of lines) {
    waiting.push(line);
    chars += line.length;
    if (chars < ANSWER_PIECE_BYTES) continue;
    yield encoder.encode(waiting.join(""));
    waiting = [];
    chars = 0;
  }
  yield encoder.encode(waiting.join(""));
}
