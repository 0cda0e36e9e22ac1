/** What outbound waits for and keeps. Each row has its reason. */

/** A receiver that takes longer is down for all purposes; Alertmanager's default is as long. */
export const SEND_TIMEOUT_MS = 10_000;
/** As much of an answer as a person reads in a note. */
export const MAX_ANSWER_BYTES = 4_096;
/** First wait before another try; doubles each time. */
export const FIRST_RETRY_MS = 1_000;
/** Longest wait between tries: a receiver that comes back hears within five minutes. */
export const MAX_RETRY_MS = 5 * 60_000;
/** News older than a day is history, not a page. */
export const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** Entries that wait for one receiver; beyond it the oldest are given up. */
export const MAX_WAITING_PER_RECEIVER = 1_000;
/** Told notifications that are kept for the list. */
export const MAX_KEPT_NOTIFICATIONS = 1_000;
