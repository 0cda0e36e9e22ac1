import { OpsError } from "@hms-ops/model";
import type { LiveChangeAnswer } from "@hms-ops/wire/api";
import { HUB_ERRORS } from "../errors.ts";
import { DEFAULT_LOOKBACK_MS } from "../limits.ts";
import {
  type FeedRequest,
  LIVE_EXPR_CHARS_MAX,
  LIVE_STEP_MS_MIN,
  LIVE_STEPS_MAX,
  type LiveQueries,
} from "../live/index.ts";
import type { HubRequest, HubResponse } from "../ports.ts";
import { jsonAnswer } from "./json-answer.ts";
import { readDuration, readOptionalDuration } from "./parameters.ts";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // Proxies of the nginx kind would keep events until they have a page of them.
  "x-accel-buffering": "no",
};

/** `/api/ops/v1/live`: one event stream a browser. */
export class LiveApi {
  readonly #live: LiveQueries;

  constructor(live: LiveQueries) {
    this.#live = live;
  }

  readonly live = (request: HubRequest): HubResponse => {
    const requests = questionsOf(request.query, request.headers["last-event-id"]);
    this.#live.checkRoom(requests.length);
    const { signal } = request;
    return {
      status: 200,
      headers: HEADERS,
      body: (sink) => this.#live.serve(sink, requests, signal),
    };
  };

  readonly changeLive = async (request: HubRequest): Promise<HubResponse> => {
    const { add, remove } = readChange(await request.body());
    const stream = request.params.stream ?? "";
    const answer: LiveChangeAnswer = { feeds: this.#live.change(stream, add, remove) };
    return jsonAnswer(answer);
  };
}

/** `expr`, `step` and `span`, as often as there are questions. */
function questionsOf(query: URLSearchParams, after: string | undefined): readonly FeedRequest[] {
  const steps = query.getAll("step");
  const spans = query.getAll("span");
  const lookbackMs = readOptionalDuration(query, "lookback_delta");
  const shortForms = query.get("short_forms") === "true";
  return query.getAll("expr").map((expr, i) => {
    const step = steps[i] ?? steps[0] ?? "";
    const span = spans[i] ?? spans[0] ?? "";
    const lengths = new URLSearchParams({ step, span });
    const stepMs = readDuration(lengths, "step");
    const spanMs = readDuration(lengths, "span");
    return readQuestion({ expr, stepMs, spanMs, lookbackMs, shortForms, after });
  });
}

function readChange(bytes: Uint8Array): {
  readonly add: readonly FeedRequest[];
  readonly remove: readonly number[];
} {
  let change: unknown;
  try {
    change = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw refused("the body is no JSON");
  }
  if (typeof change !== "object" || change === null) throw refused("the body is no object");
  const { add = [], remove = [] } = change as Record<string, unknown>;
  if (!Array.isArray(add) || !Array.isArray(remove)) {
    throw refused("`add` and `remove` must be lists");
  }
  return { add: add.map(readQuestion), remove: remove.filter(Number.isSafeInteger) };
}

function readQuestion(asked: unknown): FeedRequest {
  if (typeof asked !== "object" || asked === null) throw refused("a question is no object");
  const { expr, stepMs, spanMs, lookbackMs, shortForms, after } = asked as Record<string, unknown>;
  if (typeof expr !== "string" || expr.trim() === "") throw refused("it has no expression");
  if (expr.length > LIVE_EXPR_CHARS_MAX) {
    throw refused(`its expression is longer than ${LIVE_EXPR_CHARS_MAX} characters`);
  }
  if (!isWhole(stepMs) || stepMs < LIVE_STEP_MS_MIN) {
    throw refused(`its step must be whole milliseconds, at least ${LIVE_STEP_MS_MIN}`);
  }
  if (!isWhole(spanMs) || spanMs < 0 || spanMs / stepMs >= LIVE_STEPS_MAX) {
    throw refused(`its span must be whole milliseconds, fewer than ${LIVE_STEPS_MAX} steps`);
  }
  const question = {
    expr,
    stepMs,
    spanMs,
    lookbackMs: isWhole(lookbackMs) && lookbackMs > 0 ? lookbackMs : DEFAULT_LOOKBACK_MS,
    shortForms: shortForms === true,
  };
  return typeof after === "string" ? { question, after } : { question };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function refused(reason: string): OpsError {
  return new OpsError(HUB_ERRORS.badLiveQuestion, { reason });
}
