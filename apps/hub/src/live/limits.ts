/** Browsers that watch; with them the hub's connections are reckoned (`MAX_CONNECTIONS`). */
export const LIVE_STREAMS_MAX = 1_500;
/** Questions of one stream: a long board has some 40 panels, some with several expressions. */
export const LIVE_QUESTIONS_MAX = 200;
/** Different questions of all streams together: what the query threads can answer at every step. */
export const LIVE_FEEDS_MAX = 1_000;
/** Points a series of one question; the hub allows as many in a range query. */
export const LIVE_STEPS_MAX = 11_000;
/** Nobody reads a picture that moves faster. */
export const LIVE_STEP_MS_MIN = 1_000;
/** An expression with its names; longer ones are generated and belong into a recording rule. */
export const LIVE_EXPR_CHARS_MAX = 32 * 1024;
/** After a step, so that what was scraped at it has come in. */
export const SETTLE_MS = 1_000;
/** Old steps that are sent again with a new one: late samples may have changed them. */
export const STEPS_AGAIN = 1;
/** Of all questions, at the same time: other queries find a thread beside them. */
export const EVALUATIONS_AT_ONCE = 2;
/** One evaluation; a question that takes longer must not keep the others from their steps. */
export const EVALUATION_TIMEOUT_MS = 30_000;
/** A failed step is tried again after so long where the next step is farther away. */
export const RETRY_MS = 15_000;
/** What is ready waits so long for its neighbours, so that a viewer is written to once a step. */
export const FLUSH_MS = 100;
/** Proxies cut connections that are silent for 30 s, some for 20. */
export const HEARTBEAT_MS = 15_000;
/** A viewer that reconnects by then gets only what it missed; nothing is evaluated meanwhile. */
export const LINGER_MS = 60_000;
/** What a viewer has not taken; it is by reference, so that slow viewers share the memory. */
export const VIEWER_WAITING_BYTES_MAX = 4 * 1024 * 1024;
/** Events that a feed keeps for viewers that come later; beyond it they get a fresh whole answer. */
export const FEED_LOG_BYTES_MAX = 256 * 1024;
