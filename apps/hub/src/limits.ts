/** What the hub takes at most. Each row has its reason; at a limit the answer says so. */

/** Prometheus' own bound of a remote-write request, decoded; a compressed one is smaller. */
export const MAX_WRITE_BODY_BYTES = 32 * 1024 * 1024;
/** Remote-write bodies that wait for a decoder: some seconds of work, then senders are told to wait. */
export const MAX_WAITING_BODIES = 64;
/** An exposition of 300,000 lines; larger ones are a mistake or an attack. */
export const MAX_INGEST_BODY_BYTES = 32 * 1024 * 1024;
/** Forms and JSON of our own API: the longest is a rule file. */
export const MAX_FORM_BODY_BYTES = 4 * 1024 * 1024;
/** Long enough for any link of the page; longer queries go into a POST. */
export const MAX_ADDRESS_CHARS = 64 * 1024;
/** Headers as a whole: the address and room for cookies of other programs on localhost. */
export const MAX_HEADER_BYTES = 96 * 1024;
/** Prometheus' default of concurrent connections, and room for all streams of live queries. */
export const MAX_CONNECTIONS = 512 + 1_500;
/** A client that has not sent its headers by then is too slow or means harm. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** The whole request, body included: remote-write senders give up after 30 s. */
export const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than the scrape interval of callers that poll, so that they keep their connection. */
export const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Below it gzip costs more than it saves. */
export const MIN_COMPRESSED_BYTES = 1_024;
/** After that time a stop no longer waits for requests that are under way. */
export const STOP_TIMEOUT_MS = 10_000;

/** Prometheus' default; a query's `timeout` can only lower it. */
export const MAX_QUERY_TIMEOUT_MS = 120_000;
/** Prometheus' default of samples in memory. */
export const MAX_QUERY_SAMPLES = 50_000_000;
/**
 * What the columns of one query may take: a query must not starve ingest of memory. One table is
 * bounded by the same in the query package, where a table that is too large is refused at once.
 */
export const MAX_QUERY_BYTES = 512 * 1024 * 1024;
/**
 * After a query as large as this, and whenever its arrays have grown by so much, its thread collects
 * garbage, which takes it some 20 ms.
 */
export const LARGE_QUERY_BYTES = 64 * 1024 * 1024;
/**
 * A thread that nobody asks for so long is idle. Pages ask again within it: a small question behind
 * a return finds neither memory nor caches as they were, and takes two to five milliseconds more.
 */
export const MEMORY_RETURN_MS = 6_000;
/** A thread whose arrays and heap are so much waits less: they would be missed elsewhere. */
export const MUCH_MEMORY_BYTES = 192 * 1024 * 1024;
export const MUCH_MEMORY_RETURN_MS = 500;
/** Prometheus' bound of points a series in one range query. */
export const MAX_STEPS = 11_000;
/** Prometheus' default look-back. */
export const DEFAULT_LOOKBACK_MS = 5 * 60_000;
/**
 * Where an explanation looks how far apart samples are: most come several times a minute; the few
 * that come once an hour want a longer look.
 */
export const INTERVAL_WINDOWS_MS: readonly number[] = [5 * 60_000, 6 * 3_600_000];
/** Series that are looked at for it: those of a metric are mostly alike. */
export const INTERVAL_SERIES_MAX = 5;
/** Step of sub-queries without one: the global evaluation interval of Prometheus when none is set. */
export const DEFAULT_SUBQUERY_STEP_MS = 60_000;
/** A query's answer crosses from its thread in pieces of so much: small ones in one. */
export const ANSWER_PIECE_BYTES = 1024 * 1024;
/** Of one answer, ahead of a caller that reads slowly; then its query thread waits for it. */
export const ANSWER_BUFFER_BYTES = 64 * 1024 * 1024;
/** Kept answers of range queries: some hundred panels of a day, next to gigabytes of samples. */
export const RESULT_CACHE_BYTES_MAX = 64 * 1024 * 1024;
/** One kept answer; a larger one is no picture and would drive out all others. */
export const RESULT_CACHE_ENTRY_BYTES_MAX = 8 * 1024 * 1024;
/** Queries whose first asking is remembered. */
export const RESULT_CACHE_KEYS_MAX = 4_096;
/** Far below the day for which the store's generations are told apart. */
export const RESULT_CACHE_LIFE_MS = 3_600_000;
/** Queries that a thread keeps as it has read them: those of some boards and of all rules. */
export const PREPARED_QUERIES_MAX = 512;
/** Longer ones are rare, and keep some hundred kilobytes. */
export const PREPARED_QUERY_CHARS_MAX = 4_096;
/**
 * What a query thread takes at most for a query that main may answer the next time: the way to a
 * thread and back takes as long, and no other caller of main notices.
 */
export const LIGHT_QUERY_MS = 1;
/** Above what such a query reads, far below what anybody would wait for. */
export const LIGHT_QUERY_SAMPLES = 100_000;
/** What such a query may keep or look at: its columns fit into a processor's cache. */
export const LIGHT_QUERY_BYTES = 4 * 1024 * 1024;
/** Of its answer: main writes it as text in a fraction of a millisecond. */
export const LIGHT_ANSWER_BYTES = 64 * 1024;
/** A busy writer pins between two batches; a query that would wait longer on main needs a deadline. */
export const LIGHT_PIN_MS = 100;
/** Queries of which main knows that they are light: those of some boards. */
export const LIGHT_QUERIES_MAX = 512;
/** Unpacked pages that main keeps of blocks: some hundred series of its light queries. */
export const LIGHT_CACHE_BYTES = 16 * 1024 * 1024;
/** Queries that wait for a thread; more would only time out in the queue. */
export const MAX_WAITING_QUERIES = 256;
/** Samples of one remote read or scan, which hold none of them: some seconds of reading. */
export const MAX_STREAMED_SAMPLES = 500_000_000;
/** Remote reads at a time; Prometheus' default. They share one thread. */
export const MAX_REMOTE_READS = 10;
/** What a remote read hands to the network at a time. */
export const READ_PIECE_BYTES = 1024 * 1024;
/** Label names, values and series that one request answers, if it names no limit. */
export const MAX_METADATA_RESULTS = 1_000_000;

/** Terms of one search, as Prometheus has it; each is compared with every name. */
export const MAX_SEARCH_TERMS = 32;
/** Of a term: longer than any name, and two texts are compared character by character. */
export const MAX_SEARCH_TERM_CHARS = 4_096;
/** Prometheus' default of what one search may ask for. */
export const MAX_SEARCH_RESULTS = 10_000;
/** Rows of one cardinality report: more than a person reads, enough for a script. */
export const MAX_CARDINALITY_ROWS = 10_000;

/** Prometheus' default of those who listen to /api/v1/notifications/live; a page each. */
export const MAX_NOTICE_LISTENERS = 16;
/** States are asked for so often while somebody listens; proxies cut what is silent for longer. */
export const NOTICE_LOOK_MS = 15_000;
/** Of events that a listener has not taken: hundreds of them, and it is gone for all we know. */
export const MAX_NOTICE_WAITING_BYTES = 64 * 1024;
/** Damaged files that are named one by one: more are one fault of the disk. */
export const MAX_DAMAGE_NOTICES = 20;

/** Size at which hub.log is renamed to hub.log.1 (one old file is kept). */
export const MAX_LOG_BYTES = 8 * 1024 * 1024;
/** Label sets of one own metric; more means that a label is unbounded. */
export const MAX_SELF_SERIES = 1_000;
/** Boards of one folder; each is read when the list is asked for. */
export const MAX_BOARD_FILES = 500;
/** Of a configuration file: as many as a terminal shows at once; the others are counted. */
export const MAX_TOLD_PROBLEMS = 20;
