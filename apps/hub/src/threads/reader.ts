import {
  bug,
  type MetadataRequest,
  OpsError,
  type QueryAnswer,
  type StepGrid,
} from "@hms-ops/model";
import {
  bindShortForms,
  type Expr,
  formatPromql,
  languageFeatures,
  parsePromql,
  prettyPromql,
  promqlTree,
  runQuery,
  selectorsOf,
  stepWindow,
} from "@hms-ops/query";
import { openReader, type PinLink, type TsdbReader } from "@hms-ops/stores/tsdb";
import { writeDataAnswer } from "@hms-ops/wire/prometheus-api";
import { HUB_ERRORS } from "../errors.ts";
import {
  DEFAULT_SUBQUERY_STEP_MS,
  LARGE_QUERY_BYTES,
  RESULT_CACHE_ENTRY_BYTES_MAX,
} from "../limits.ts";
import { answerPieces } from "./answer-formats.ts";
import type {
  BareNumber,
  CacheCall,
  CachedPart,
  LinkCalls,
  PlainMetadataRequest,
  QueryCall,
  ReaderCalls,
} from "./calls.ts";
import { federatedPieces } from "./federation.ts";
import { putOffReturn, returnMemorySoon } from "./garbage.ts";
import { HeldAnswers } from "./held-answers.ts";
import { PreparedQueries } from "./prepared-queries.ts";
import { cutAnswer, listingPieces, readMatch, refuseUnreadable } from "./reader-answers.ts";
import { type CountedBudget, queryBudget, readBudget } from "./reader-budget.ts";
import { explainCall } from "./reader-explain.ts";
import { largestOf } from "./reader-number.ts";
import { RemoteReads } from "./remote-reads.ts";
import { answerThroughCache } from "./result-cache-answer.ts";
import { Caller } from "./rpc.ts";
import { ReaderCrew } from "./scan-crew.ts";
import { answerParent } from "./thread-entry.ts";

/** A thread that reads: rules have one for themselves, queries share the others. */
let opened: TsdbReader | undefined;
let crew: ReaderCrew | undefined;
const reads = new RemoteReads();
const held = new HeldAnswers();
let features = languageFeatures([]);
let queries = new PreparedQueries(features);

function reader(): TsdbReader {
  return opened ?? bug("a reader is asked before it joined the writer");
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

/** A name exists if any series ever had it. */
async function metricExists(metricName: string, call: QueryCall): Promise<boolean> {
  const matchers = [{ name: "__name__", operator: "=", value: metricName }] as const;
  const range = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER };
  const budget = queryBudget(call.flag);
  const found = await reader().series({ matcherSets: [matchers], range, budget, limit: 1 });
  return found.length > 0;
}

async function evaluate(call: QueryCall): Promise<QueryAnswer> {
  const { answer, onEnd } = await evaluateCached(call, undefined);
  onEnd();
  return answer;
}

interface Evaluated {
  readonly answer: QueryAnswer;
  readonly cached?: CachedPart;
  readonly onEnd: () => void;
}

/** Without a `cache` nothing is looked up or kept. */
async function evaluateCached(call: QueryCall, cache: CacheCall | undefined): Promise<Evaluated> {
  const startMs = performance.now();
  putOffReturn();
  const bound = await bindText(call);
  const { query, diagnostics } = queries.prepare(bound.text);
  if (query === undefined) return refuseUnreadable(bound.text, diagnostics);
  const preparedMs = performance.now();
  const { endMs, instant, lookbackMs, companions, flag } = call;
  const { delayedNameRemoval } = features;
  const budget = queryBudget(flag);
  const passingBudget = readBudget(flag);
  const onEnd = collectAfter(budget, passingBudget);
  const run = (grid: StepGrid) =>
    runQuery(query, reader(), {
      grid,
      startMs: call.grid.startMs,
      ...(endMs !== undefined && { endMs }),
      instant,
      lookbackMs,
      budget,
      passingBudget,
      defaultStepMs: call.subqueryStepMs ?? DEFAULT_SUBQUERY_STEP_MS,
      delayedNameRemoval,
      ...(companions && { companions }),
      ...(crew && { crew: crew.of(flag) }),
      nowMonotonicMs: () => performance.now(),
    }).catch((error: unknown) => {
      onEnd();
      throw error;
    });
  const { answer, ...cached } = cache
    ? await answerThroughCache({
        text: formatPromql(query.expr),
        grid: call.grid,
        window: stepWindow(query.expr, { lookbackMs, delayedNameRemoval }),
        known: cache.known,
        generations: reader().generations,
        maxBytes: RESULT_CACHE_ENTRY_BYTES_MAX,
        evaluate: run,
      })
    : { answer: await run(call.grid) };
  const warnings = [...bound.warnings, ...answer.warnings];
  const infos = [...bound.notes, ...answer.infos];
  const stats = { ...answer.stats, parseMs: preparedMs - startMs };
  const told = { ...answer, warnings, infos, stats };
  return { answer: told, onEnd, ...("outcome" in cached && { cached }) };
}

interface ReadText {
  readonly text: string;
  readonly notes: readonly string[];
  /** What the text says and PromQL cannot: the FOR of a condition. */
  readonly warnings: readonly string[];
}

async function bindText(call: QueryCall): Promise<ReadText> {
  if (!call.shortForms) return { text: call.expr, notes: [], warnings: [] };
  const catalog = { exists: (metricName: string) => metricExists(metricName, call) };
  const { text, notes, diagnostics } = await bindShortForms(call.expr, catalog, {
    drawn: !call.instant,
  });
  if (diagnostics.some(({ severity }) => severity === "error")) {
    return refuseUnreadable(call.expr, diagnostics);
  }
  return { text, notes, warnings: diagnostics.map(({ message }) => message) };
}

/**
 * A comparison that does not hold is 0, and NaN only where there is nothing to compare: asked
 * again with `bool`, it tells the two apart.
 */
async function evaluateNumber(call: QueryCall): Promise<BareNumber> {
  const answer = await evaluate(call);
  const { text } = await bindText(call);
  const asked = parsePromql(text).expr;
  const compares = asked?.kind === "binary" && COMPARISONS.has(asked.operator);
  const found = largestOf(answer.value);
  if (!compares || asked.returnBool) return found;
  // What holds must not read as "no" to a caller that asks for more than 0.
  if (found.series > 0) return found.value > 0 ? found : { ...found, value: 1 };
  const expr = formatPromql({ ...asked, returnBool: true });
  return largestOf((await evaluate({ ...call, expr, shortForms: false })).value);
}

/** Throws where an expression cannot be read, or its types do not fit. */
function readExpr(text: string): Expr {
  const { query, diagnostics } = queries.prepare(text);
  return query?.expr ?? refuseUnreadable(text, diagnostics);
}

function metadataRequest({ flag, ...request }: PlainMetadataRequest): MetadataRequest {
  return { ...request, budget: queryBudget(flag) };
}

const calls: ReaderCalls = {
  join: async (link, allowed, seat) => {
    features = allowed;
    queries = new PreparedQueries(allowed);
    const writer = new Caller<LinkCalls>(link);
    link.on("close", () => {
      const inputs = { thread: "writer", reason: "its port was closed" };
      writer.end(new OpsError(HUB_ERRORS.threadEnded, inputs));
    });
    const pins: PinLink = {
      pin: (request) => writer.call("pin", [request]),
      unpin: (pinId) => {
        // The writer drops the pins of a reader by itself when either of them is gone.
        writer.call("unpin", [pinId]).catch(() => {});
      },
    };
    // A block that was told stays out of this reader's answers whatever becomes of the call.
    const onDamage = (name: string, problem: string) => {
      writer.call("setAside", [name, problem]).catch(() => {});
    };
    opened = openReader(await writer.call("handles", []), pins, { onDamage });
    crew = new ReaderCrew(opened, seat);
  },
  evaluate,
  encoded: async ({ limit, withStats, warnings, format, cache, ...query }) => {
    const { answer, cached, onEnd } = await evaluateCached(query, cache);
    const warned = { ...answer, warnings: [...warnings, ...answer.warnings] };
    const pieces = await answerPieces(cutAnswer(warned, limit), format, withStats);
    const first = held.open(pieces, onEnd);
    return cached ? { ...first, cached } : first;
  },
  nextPiece: async (restId) => held.next(restId),
  closePieces: async (restId) => held.close(restId),
  number: evaluateNumber,
  openRead: async ({ body, flag }) => reads.open(reader(), body, readBudget(flag)),
  readPiece: (id) => reads.next(id),
  closeRead: (id) => reads.close(id),
  format: async (text) => prettyPromql(readExpr(text)),
  explain: (call) => explainCall(reader(), call, features),
  tree: async (text) => writeDataAnswer(promqlTree(readExpr(text))),
  selectors: async (text) => selectorsOf(readExpr(text)),
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
