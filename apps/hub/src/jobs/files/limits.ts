/** What is read from alerts/. Each row has its reason. */

/** Files are looked at once a second: a change takes effect within that, whatever the file system. */
export const POLL_MS = 1_000;
/** Changes come in bursts while an editor saves; the burst is read once. */
export const SETTLE_MS = 50;
/** More files in alerts/ are a mistake, like a home folder. */
export const MAX_RULE_FILES = 1_000;
