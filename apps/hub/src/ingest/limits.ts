/** Metric families whose type and help are kept; beyond it new ones go untold, not unstored. */
export const METADATA_FAMILIES_MAX = 50_000;

/** Raw series texts a source whose dropping is remembered; others are relabelled each time. */
export const DROPPED_KEYS_MAX = 100_000;

/** Steps a search in a crowded table takes before it answers "not known". */
export const DROPPED_PROBES_MAX = 16;

/**
 * Remote write 2.0 tells type and help with every series of every request: of known series they are
 * looked at in one request of so many.
 */
export const METADATA_LOOKS_EVERY = 32;

/** Help texts are shown in one line. */
export const METADATA_TEXT_MAX = 1_024;

/** Twice the bodies that wait for the disk where a thousand targets are scraped every 15 s. */
export const SPARE_BUILDERS_MAX = 32;
/** A builder with more room is not kept: one large target must not hold so much for good. */
export const SPARE_ROWS_MAX = 16_384;
