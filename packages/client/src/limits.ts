/** Series a process may hold: one label with a user id in it must not fill host and hub. */
export const MAX_SERIES = 10_000;
/** As long as a name may be before it is no name but data; people read names. */
export const MAX_NAME_LENGTH = 256;
/** Labels of one series; the hub's own bound is far above. */
export const MAX_LABELS = 32;
/** UTF-16 units of a label value; a longer one (a stack, a query text) is cut. */
export const MAX_LABEL_VALUE_LENGTH = 512;
/** Events that wait to be pushed; beyond it the newest are dropped and counted. */
export const MAX_QUEUED_EVENTS = 1_000;
/** Events sent in one push, so that a body stays below the agent's bound. */
export const MAX_EVENTS_PER_PUSH = 500;
/** What a push may cost the process at its end (mission E3). */
export const PUSH_TIMEOUT_MS = 200;
/** How long an endpoint that failed is left alone. */
export const PUSH_RETRY_MS = 5_000;
/** Least time between two pushes of the whole exposition to the hub. */
export const HUB_PUSH_INTERVAL_MS = 1_000;
/** Body of a POST to the agent or an exposed function. */
export const MAX_BODY_BYTES = 1_048_576;
/** Problems kept until somebody listens; the first ones tell the cause. */
export const MAX_KEPT_PROBLEMS = 20;
/** Different texts warned of once each; a loop with a new text each time stays quiet after it. */
export const MAX_WARNINGS = 100;
/** Time a client of /metrics may take to send its request. */
export const REQUEST_TIMEOUT_MS = 10_000;
/** First wait before a live stream that broke is opened again; it doubles up to the last. */
export const LIVE_FIRST_RETRY_MS = 1_000;
export const LIVE_LAST_RETRY_MS = 60_000;
/** How long a live stream stays open that carries nothing: the way from one page to the next. */
export const LIVE_IDLE_MS = 1_000;
