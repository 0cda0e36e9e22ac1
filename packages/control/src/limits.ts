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

/** Samples of one series in a rule test: a week at one a second; more is a slip of the pen. */
export const MAX_TEST_SAMPLES = 1_000_000;

/** Evaluations of one rule test, times rules: some minutes of work. */
export const MAX_TEST_EVALUATIONS = 10_000_000;

/** The look-back of queries, Prometheus' default: rule tests run with it. */
export const LOOKBACK_MS = 5 * 60_000;

/** Chapter 0: rules are judged every 15 s where nothing else is said. */
export const RULE_INTERVAL_MS = 15_000;

/** Back-fill goes through the past in windows of two hours, as promtool does. */
export const BACKFILL_WINDOW_MS = 2 * 3_600_000;

/** Steps of one range query of a back-fill: below Prometheus' bound of 11,000. */
export const BACKFILL_MAX_STEPS = 5_000;

/** Rows that a back-fill sends at a time: enough to share a sync, small enough for one request. */
export const BACKFILL_BATCH_ROWS = 20_000;
