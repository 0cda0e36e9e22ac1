/** A new service shall be on the page within seconds, and reading a folder costs nothing. */
export const ANNOUNCEMENT_POLL_MS = 2_000;

/** The usual ports are tried every fifth look at the folder. */
export const PROBE_EVERY_POLLS = 5;

/** A found service is asked again every sixth probe … */
export const RECHECK_EVERY_PROBES = 6;

/** … and forgotten after five minutes of silence. Until then it is shown as down. */
export const FORGET_AFTER_MISSES = 5;

/** Of an announcement file; ours take some 150 bytes. */
export const ANNOUNCEMENT_MAX_BYTES = 4_096;

/** Announcements that are looked at; a folder with more is not one of services. */
export const ANNOUNCEMENTS_MAX = 500;

export const PROBE_TIMEOUT_MS = 1_000;

/** A service on a usual port that tells more than this needs a scrape configuration. */
export const PROBE_MAX_BYTES = 4 * 1024 * 1024;
