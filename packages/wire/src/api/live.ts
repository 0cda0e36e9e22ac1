/**
 * `GET /api/ops/v1/live`: one stream of server-sent events for all live queries of a browser. The
 * first event, `open`, names the stream; `POST` to its path adds and removes questions. A GET may
 * name questions itself: `?expr=up&step=15&span=3600`, the three repeated for each; then a
 * reconnect with `Last-Event-ID` goes on without a gap.
 */
export const LIVE_PATH = "/api/ops/v1/live";
/** `POST`: a `LiveChange`, answered with a `LiveChangeAnswer`. */
export const LIVE_STREAM_PATH = "/api/ops/v1/live/:stream";

/** A range query that goes on: `spanMs` back from now, at whole multiples of `stepMs`. */
export interface LiveQuestion {
  readonly expr: string;
  readonly stepMs: number;
  readonly spanMs: number;
  /** Absent: the hub's own. */
  readonly lookbackMs?: number;
  /** Understand `latency_ms_p95` and dotted names. */
  readonly shortForms?: boolean;
}

export interface LiveAddition extends LiveQuestion {
  /** Id of the last event of this question that was seen: the hub sends what came since. */
  readonly after?: string;
}

export interface LiveChange {
  readonly add?: readonly LiveAddition[];
  /** Feeds. */
  readonly remove?: readonly number[];
}

export interface LiveChangeAnswer {
  /** In the order of `add`: the feed whose events answer the question. */
  readonly feeds: readonly number[];
}

/** Event `open`. */
export interface LiveOpened {
  readonly stream: string;
  /** A `beat` comes at least so often. */
  readonly heartbeatMs: number;
  /** Of the questions in the address, in their order. */
  readonly feeds: readonly number[];
}

/**
 * Event `steps`: the answer at `fromMs`, `fromMs + stepMs` … `toMs`. It stands in the place of what
 * was sent of these steps before; where it is `whole`, in the place of everything.
 */
export interface LiveSteps {
  readonly feed: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly whole: boolean;
  /** As `/api/v1/query_range` answers. */
  readonly answer: unknown;
}

/** Event `failed`: these steps are missing until a later event brings them. */
export interface LiveFailure {
  readonly feed: number;
  readonly code: string;
  readonly message: string;
  readonly mend: string;
  /** The question cannot be answered at all; its feed ends. */
  readonly final: boolean;
}

/** Event `polling`: the stream ends, ask `/api/v1/query_range` instead. */
export interface LivePolling {
  readonly reason: string;
}
