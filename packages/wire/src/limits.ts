/** A series needs a handful; beyond this it is a mistake that would fill the index. */
export const LABELS_PER_SERIES_MAX = 128;

/** Of a series that has too many anyway: enough to tell how many, few enough to hold. */
export const LABELS_READ_MAX = 20_000;

/** In bytes. Metric names of real exporters stay under 150. */
export const LABEL_NAME_MAX_BYTES = 1_024;

/** In bytes. Long enough for build flags and URLs, too short for a stack trace per request. */
export const LABEL_VALUE_MAX_BYTES = 8_192;

/** Families whose HELP and TYPE one body may tell; more would fill the metadata table. */
export const FAMILIES_PER_BODY_MAX = 20_000;

/** Bad lines that a report describes one by one; all are counted. */
export const PROBLEMS_DESCRIBED_MAX = 10;

/** Prometheus' own bound on warnings and infos beside a query's answer. */
export const ANNOTATIONS_MAX = 10;

/** Names and values of an exemplar together, in characters: OpenMetrics' own bound. */
export const EXEMPLAR_LABELS_MAX_CHARS = 128;

/** Of one remote-write 2.0 request; a sender's largest batches have some ten thousand. */
export const SYMBOLS_PER_REQUEST_MAX = 1_000_000;

/**
 * What the labels of one remote-write 2.0 request take when each reference is written out: twice
 * what a 1.0 request may hold. Without it a small body could name one long text without end.
 */
export const RESOLVED_LABELS_MAX_BYTES = 64 * 1024 * 1024;

/** Of one remote write: 32 MiB hold fewer that carry a time and a value. */
export const SAMPLES_PER_WRITE_MAX = 3_000_000;

/** Of one remote write, each: they are objects, which an empty message of two bytes would make. */
export const HISTOGRAMS_PER_WRITE_MAX = 200_000;
export const EXEMPLARS_PER_WRITE_MAX = 200_000;

/** Series that one remote write may make known: 32 MiB of honest ones are fewer. */
export const NEW_SERIES_PER_WRITE_MAX = 500_000;

/** Of what a remote write is told about the first bad series of a kind: fits a log line. */
export const EXAMPLE_MAX_CHARS = 300;

/** Of one remote read; Prometheus sends one, others a few. */
export const QUERIES_PER_READ_MAX = 64;

/** Of one query of a remote read; PromQL selectors have a handful. */
export const MATCHERS_PER_READ_MAX = 1_000;

/** Prometheus' own size of a frame of a streamed remote read; its readers take 50 MB. */
export const READ_FRAME_BYTES = 1024 * 1024;

/** A remote read that is answered in one message is held whole, a few times over. */
export const SAMPLED_READ_MAX_BYTES = 128 * 1024 * 1024;
