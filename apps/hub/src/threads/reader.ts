import { bug, type MetadataRequest, type QueryAnswer } from "@hms-ops/model";
import {
  formatPromql,
  languageFeatures,
  parsePromql,
  prettyPromql,
  promqlTree,
  selectorsOf,
} from "@hms-ops/query";
import type { TsdbReader } from "@hms-ops/stores/tsdb";
import { writeDataAnswer } from "@hms-ops/wire/prometheus-api";
import { LARGE_QUERY_BYTES } from "../limits.ts";
import type {
  BareNumber,
  EncodedQueryCall,
  PlainMetadataRequest,
  QueryCall,
  QueryFlag,
  QueryPiece,
  ReaderCalls,
} from "./calls.ts";
import { federatedPieces } from "./federation.ts";
import { putOffReturn, returnMemorySoon } from "./garbage.ts";
import { HeldAnswers } from "./held-answers.ts";
import { areNarrow, isLightAnswer } from "./light-query.ts";
import { searchPieces } from "./name-search.ts";
import { type QueryMeans, QueryRunner } from "./query-runner.ts";
import { listingPieces, readMatch } from "./reader-answers.ts";
import { type CountedBudget, queryBudget, readBudget } from "./reader-budget.ts";
import { explainCall } from "./reader-explain.ts";
import { largestOf } from "./reader-number.ts";
import { RemoteReads } from "./remote-reads.ts";
import { ReaderCrew } from "./scan-crew.ts";
import { joinWriter } from "./store-link.ts";
import { answerParent } from "./thread-entry.ts";

/** A thread that reads: rules have one for themselves, queries share the others. */
let opened: TsdbReader | undefined;
const reads = new RemoteReads();
const held = new HeldAnswers();
let features = languageFeatures([]);
let queries: QueryRunner | undefined;
let crew: ReaderCrew | undefined;

function reader(): TsdbReader {
  return opened ?? tooEarly();
}

function runner(): QueryRunner {
  return queries ?? tooEarly();
}

function scans(): ReaderCrew {
  return crew ?? tooEarly();
}

function tooEarly(): never {
  return bug("a reader is asked before it joined the writer");
}

/** To be called when what a call answers is on its way, whole. */
function collectAfter(...budgets: readonly CountedBudget[]): () => void {
  return () => {
    let seenBytes = 0;
    for (const budget of budgets) seenBytes += budget.seenBytes;
    if (seenBytes > LARGE_QUERY_BYTES) returnMemorySoon();
  };
}

const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);

/** What a call may take, and who helps it. `onEnd` is to be called when its answer is on its way. */
function meansOf(flag: QueryFlag): { readonly means: QueryMeans; readonly onEnd: () => void } {
  putOffReturn();
  const [kept, passing] = [queryBudget(flag), readBudget(flag)];
  return { means: { kept, passing, crew: scans().of(flag) }, onEnd: collectAfter(kept, passing) };
}

async function evaluate({ flag, ...query }: QueryCall): Promise<QueryAnswer> {
  const { means, onEnd } = meansOf(flag);
  try {
    return (await runner().evaluate(query, means)).answer;
  } finally {
    onEnd();
  }
}

async function encoded({ flag, cache, ...query }: EncodedQueryCall): Promise<QueryPiece> {
  const startMs = performance.now();
  const { means, onEnd } = meansOf(flag);
  const { pieces, ...cached } = await runner()
    .encoded(query, means, cache)
    .catch((error: unknown) => {
      onEnd();
      throw error;
    });
  const first = held.open(pieces, onEnd);
  const tookMs = performance.now() - startMs;
  const isLight =
    isLightAnswer(query, { ...first, tookMs }) &&
    areNarrow(selectorsOf(runner().readExpr(query.expr)));
  return { ...first, ...cached, isLight };
}

/**
 * A comparison that does not hold is 0, and NaN only where there is nothing to compare: asked
 * again with `bool`, it tells the two apart.
 */
async function evaluateNumber(call: QueryCall): Promise<BareNumber> {
  const answer = await evaluate(call);
  const { text } = await runner().bindText(call, queryBudget(call.flag));
  const asked = parsePromql(text).expr;
  const compares = asked?.kind === "binary" && COMPARISONS.has(asked.operator);
  const found = largestOf(answer.value);
  if (!compares || asked.returnBool) return found;
  // What holds must not read as "no" to a caller that asks for more than 0.
  if (found.series > 0) return found.value > 0 ? found : { ...found, value: 1 };
  const expr = formatPromql({ ...asked, returnBool: true });
  return largestOf((await evaluate({ ...call, expr, shortForms: false })).value);
}

function metadataRequest({ flag, ...request }: PlainMetadataRequest): MetadataRequest {
  return { ...request, budget: queryBudget(flag) };
}

const calls: ReaderCalls = {
  join: async (link, allowed, seat) => {
    features = allowed;
    opened = (await joinWriter(link)).reader;
    crew = new ReaderCrew(opened, seat);
    queries = new QueryRunner(opened, allowed);
  },
  evaluate,
  encoded,
  nextPiece: async (restId) => held.next(restId),
  closePieces: async (restId) => held.close(restId),
  number: evaluateNumber,
  openRead: async ({ body, flag }) => reads.open(reader(), body, readBudget(flag)),
  readPiece: (id) => reads.next(id),
  closeRead: (id) => reads.close(id),
  format: async (text) => prettyPromql(runner().readExpr(text)),
  explain: (call) => explainCall(reader(), call, features),
  tree: async (text) => writeDataAnswer(promqlTree(runner().readExpr(text))),
  selectors: async (text) => selectorsOf(runner().readExpr(text)),
  federate: async (call) => {
    const budget = queryBudget(call.flag);
    return held.open(await federatedPieces(reader(), call, budget), collectAfter(budget));
  },
  matches: async (texts) => texts.map(readMatch),
  labelNames: (request) => reader().labelNames(metadataRequest(request)),
  labelValues: (name, request) => reader().labelValues(name, metadataRequest(request)),
  series: (request) => reader().series(metadataRequest(request)),
  encodedListing: async (listing) => {
    const budget = queryBudget(listing.flag);
    return held.open(await listingPieces(reader(), listing, budget), collectAfter(budget));
  },
  search: async ({ flag, ...search }) => {
    const budget = queryBudget(flag);
    return held.open(await searchPieces(reader(), search, budget), collectAfter(budget));
  },
  topCounts: (limit) => reader().topCounts(limit),
  cardinality: ({ matches, flag, ...request }) =>
    reader().cardinality({
      ...request,
      matcherSets: matches.map(readMatch),
      budget: queryBudget(flag),
    }),
  pageCache: async () => reader().pageCache,
};

answerParent(calls);
