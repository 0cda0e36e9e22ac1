/** One answer, unpacked, where body_size_limit says nothing: some 300,000 lines. */
export const SCRAPE_BODY_MAX_BYTES = 32 * 1024 * 1024;

/** Status line and headers of an answer, as Node's own client has it. */
export const ANSWER_HEAD_BYTES_MAX = 16 * 1024;

/** Open connections that wait for the next scrape; a target needs one, a host may have several. */
export const IDLE_CONNECTIONS_PER_HOST_MAX = 4;

/** As Go's HTTP client. */
export const REDIRECTS_MAX = 10;

/** A scrape that begins this close to its slot is stamped with the slot. */
export const SLOT_TOLERANCE_MS = 2;

/** New targets are asked for the first time within this time, spread like their slots. */
export const FIRST_SCRAPE_WITHIN_MS = 2_000;

/** Share of the interval by which a scrape may begin late before the tape says so. */
export const LATE_SHARE = 0.2;

/** What the pulse tape of the page shows. */
export const PULSE_TICKS = 40;

/** How often files of file_sd_configs are looked at, where refresh_interval is longer. */
export const FILE_DISCOVERY_POLL_MS = 5_000;

/** Targets that relabelling dropped, listed on the targets page. */
export const DROPPED_TARGETS_LISTED_MAX = 1_000;
