/** How rules are run. Each row has its reason. */

/** A query of a rule that takes longer than its interval would miss slots. */
export const RULE_QUERY_TIMEOUT_MS = 15_000;
/** After a start, sources need four scrapes until `rate` over a minute sees them again. */
export const HOLD_AFTER_START_MS = 60_000;
/** A group is judged on arrival of samples at most once a second. */
export const LEAST_ARRIVAL_GAP_MS = 1_000;
/** State of rules that are gone is kept for a day: their file may be back. */
export const KEEP_ORPHANS_MS = 24 * 3_600_000;
/** Groups that run at a time: a slow one must not make the others miss slots; they share one thread. */
export const MAX_GROUPS_AT_ONCE = 4;
