/** What rules and alerts take at most, and how long they remember. Each row has its reason. */

/** A resolved alert stays in sight for this long, as in Prometheus: late readers still see it end. */
export const RESOLVED_RETENTION_MS = 15 * 60_000;

/** The look-back of a query: within it, the data of before the outage still answers for it. */
export const OUTAGE_TOLERANCE_MS = 5 * 60_000;

/** A rule file of 10,000 rules; a larger one is a mistake. */
export const MAX_RULE_FILE_CHARS = 4 * 1024 * 1024;

/** Problems told of one file; more would hide the first. */
export const MAX_PROBLEMS_PER_FILE = 50;

/** Characters that one template may print: an SMS, a page and a web hook all carry less. */
export const MAX_TEMPLATE_OUTPUT_CHARS = 64 * 1024;

/** Steps of one template; a `range` over a large answer ends here instead of holding the rules up. */
export const MAX_TEMPLATE_STEPS = 100_000;

/** Depth of blocks and parentheses in a template; people write three. */
export const MAX_TEMPLATE_DEPTH = 64;

/** Rounds in which templates of a run may ask for queries: the second may use what the first gave. */
export const MAX_TEMPLATE_QUERY_ROUNDS = 4;

/** Alerts in one notification's body, as Alertmanager's senders use; the rest is counted. */
export const MAX_ALERTS_PER_NOTIFICATION = 256;

/** Characters of a text message: three parts of GSM-7. */
export const MAX_SMS_CHARS = 459;
