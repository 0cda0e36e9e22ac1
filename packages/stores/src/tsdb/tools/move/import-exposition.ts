import {
  type NewSeries,
  SampleBatchBuilder,
  type SeriesId,
  type SeriesResolver,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import { type ExpositionFormat, readExposition } from "@hms-ops/wire/exposition";
import {
  IMPORT_SOURCE,
  ImportBatches,
  type ImportProgress,
  type ImportReport,
  type ImportSink,
} from "./import-batches.ts";
import { countLines, joined, linePieces } from "./text-pieces.ts";

/** Some 20,000 lines: as many rows as a batch holds. */
const PIECE_BYTES = 2 * 1024 * 1024;
const TYPED = /^# TYPE \S+ (?:histogram|gaugehistogram|summary)\s*$/;

/**
 * Imports exposition text 0.0.4 (times in milliseconds) or OpenMetrics (in seconds) whose samples
 * have times. Lines that cannot be read are told by number and left out; so are samples without a
 * time. Repeating it changes nothing. Exemplars are not taken.
 */
export async function importExposition(
  chunks: AsyncIterable<Uint8Array>,
  format: ExpositionFormat,
  sink: ImportSink,
  progress: ImportProgress,
): Promise<ImportReport> {
  const batches = new ImportBatches(sink);
  const types = new TypeLines();
  let line = 0;
  for await (const piece of linePieces(chunks, PIECE_BYTES)) {
    const builder = new TimedBuilder();
    const head = types.text();
    const bytes = joined([head, piece], head.length + piece.length);
    const firstLine = line - countLines(head);
    const report = readExposition(bytes, {
      builder,
      resolver: builder.resolver,
      format,
      defaultTimeMs: Number.NaN,
      honorTimestamps: true,
      labelsOf: (labels) => labels,
    });
    for (const problem of report.problems) {
      batches.problem(`line ${firstLine + problem.line}: ${problem.message}`, 0);
    }
    batches.skipped += report.skippedLines;
    if (builder.untimed > 0) {
      const said = `${builder.untimed} samples have no time, between lines ${line + 1}`;
      batches.problem(`${said} and ${line + countLines(piece)}`, builder.untimed);
    }
    if (builder.count > 0) await batches.deliver(builder.build());
    types.learn(piece);
    line += countLines(piece);
    progress(batches, `line ${line}`);
  }
  return batches;
}

/** Repeats what the lines before said of the bounds of buckets and quantiles. */
class TypeLines {
  readonly #lines = new Set<string>();

  learn(piece: Uint8Array): void {
    const text = new TextDecoder().decode(piece);
    for (let at = text.indexOf("# TYPE "); at >= 0; at = text.indexOf("# TYPE ", at + 1)) {
      const end = text.indexOf("\n", at);
      const line = text.slice(at, end < 0 ? undefined : end).trimEnd();
      if (TYPED.test(line)) this.#lines.add(line);
    }
  }

  text(): Uint8Array {
    const lines = [...this.#lines];
    return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
  }
}

/** Leaves samples without a time out; knows again the series that it declared. */
class TimedBuilder extends SampleBatchBuilder {
  untimed = 0;
  readonly #known = new Map<string, SeriesId>();
  readonly #latin = new TextDecoder("latin1");

  constructor() {
    super(IMPORT_SOURCE, 4_096);
  }

  readonly resolver: SeriesResolver = {
    find: (bytes, start, end) =>
      this.#known.get(this.#latin.decode(bytes.subarray(start, end))) ?? UNKNOWN_SERIES,
  };

  override declare(series: NewSeries): SeriesId {
    const id = super.declare(series);
    if (series.rawKey) this.#known.set(this.#latin.decode(series.rawKey), id);
    return id;
  }

  override add(id: SeriesId, timeMs: number, value: number): void {
    if (Number.isNaN(timeMs)) this.untimed++;
    else super.add(id, timeMs, value);
  }
}
