import {
  type Labels,
  type MetricMetadata,
  OpsError,
  SampleBatchBuilder,
  type SeriesId,
  withLabels,
} from "@hms-ops/model";
import { type ExpositionReport, readExposition } from "@hms-ops/wire/exposition";
import { compileRelabelling, type Relabel } from "../config/relabel.ts";
import { HUB_ERRORS } from "../errors.ts";
import type { ExpositionOptions, ExpositionOutcome, NamedSample } from "../ports.ts";
import { readGunzipped } from "./body.ts";
import { BodySeries, dropRepeatedRows } from "./body-series.ts";
import { INGEST_ERRORS } from "./errors.ts";
import { MetadataTable } from "./metadata-table.ts";
import { addNamedSample, type IngestStore } from "./named-samples.ts";
import { SourceMemory } from "./source-memory.ts";
import { SpareBuilders } from "./spare-builders.ts";
import { jobLimitProblem, joinTargetLabels, metricNameOf } from "./target-labels.ts";

interface Source {
  memory: SourceMemory;
  relabel: Relabel;
}

/**
 * Stores the bodies of scrapes and pushes. Runs where the store is written; remembers of each
 * source which series its last body had, so that one which is gone is marked stale.
 */
export class ExpositionIngest {
  readonly #store: IngestStore;
  readonly #metadata: MetadataTable;
  readonly #sources = new Map<string, Source>();
  readonly #builders = new SpareBuilders();

  constructor(store: IngestStore, metadata = new MetadataTable()) {
    this.#store = store;
    this.#metadata = metadata;
  }

  metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#metadata.all();
  }

  /**
   * Throws an OpsError, with nothing stored, when a limit is exceeded, the body was cut short,
   * none of its lines is a sample, or it cannot be unpacked. An empty body is stored as one without samples.
   */
  async accept(sent: Uint8Array, options: ExpositionOptions): Promise<ExpositionOutcome> {
    const source = this.#source(options);
    const { memory } = source;
    const builder = this.#builders.take(memory.storeSource, memory.ids.length + 16);
    const outcome = await this.#accept(sent, options, source, builder);
    // Of a body that failed nobody knows who still holds its columns.
    this.#builders.put(builder);
    return outcome;
  }

  async #accept(
    sent: Uint8Array,
    options: ExpositionOptions,
    source: Source,
    builder: SampleBatchBuilder,
  ): Promise<ExpositionOutcome> {
    const { memory } = source;
    const resolver = this.#store.resolver(memory.storeSource);
    const series = new BodySeries(resolver, memory);
    const read = (body: Uint8Array) => this.#read(body, options, { source, series, builder });
    const report = unpackedBy(read, sent, options);
    refuseBadBody(report, options);
    series.noteRows(builder.ids);
    const seriesAdded = series.countAdded();
    for (const sample of options.extra) addNamedSample(builder, resolver, sample);
    if (options.reportCounts) {
      for (const sample of countSamples(report, seriesAdded, options)) {
        addNamedSample(builder, resolver, sample);
      }
    }
    const built = builder.build();
    const { batch, repeated } = series.isRepeat
      ? { batch: built, repeated: 0 }
      : dropRepeatedRows(built);
    const ack = await this.#store.append(batch);
    const ids = series.settledIds(built);
    if (options.trackStaleness) {
      const tracked =
        report.explicitTimes === 0 ? ids : withoutOwnTimes(ids, built.timesMs, options);
      if (!series.isRepeat) await this.#markStale(memory, memory.missingFrom(ids), options.timeMs);
      memory.remember(ids, tracked);
    }
    return {
      ack,
      samplesScraped: report.samples,
      samplesAfterRelabel: report.kept,
      seriesAdded,
      skippedLines: report.skippedLines + repeated,
      firstProblem: firstProblem(report, repeated),
    };
  }

  /** Marks all series of a source stale and stores the extra samples. */
  async endSource(source: string, timeMs: number, extra: readonly NamedSample[]): Promise<void> {
    const memory = this.#sources.get(source)?.memory ?? new SourceMemory(source, "");
    const resolver = this.#store.resolver(memory.storeSource);
    const builder = new SampleBatchBuilder(memory.storeSource, memory.tracked.length + 16);
    for (const id of memory.tracked) builder.addStale(id, timeMs);
    for (const sample of extra) addNamedSample(builder, resolver, sample);
    if (builder.count > 0) await this.#store.append(builder.build());
    // What it had has ended; a body that comes later starts afresh.
    this.#sources.delete(source);
  }

  #source(options: ExpositionOptions): Source {
    const { targetLabels, metricRelabel, honorLabels } = options;
    const fingerprint = JSON.stringify([targetLabels, metricRelabel, honorLabels]);
    const known = this.#sources.get(options.source);
    if (known?.memory.fingerprint === fingerprint) return known;
    const memory = new SourceMemory(options.source, fingerprint);
    // The series of the old labels end where the new ones begin.
    if (known) memory.remember(known.memory.ids, known.memory.tracked);
    const source = { memory, relabel: compileRelabelling(metricRelabel) };
    this.#sources.set(options.source, source);
    return source;
  }

  #read(
    body: Uint8Array,
    options: ExpositionOptions,
    {
      source,
      series,
      builder,
    }: { source: Source; series: BodySeries; builder: SampleBatchBuilder },
  ): ExpositionReport {
    const labelsOf = (own: Labels, rawKey: Uint8Array): Labels | undefined => {
      const joined = joinTargetLabels(own, options.targetLabels, options.honorLabels);
      const labels = source.relabel(joined);
      if (labels === undefined || metricNameOf(labels) === "") {
        series.noteDropped(rawKey);
        return undefined;
      }
      refuseLongLabels(labels, options);
      series.noteDeclared(rawKey);
      return labels;
    };
    return readExposition(body, {
      builder,
      resolver: series,
      defaultTimeMs: options.timeMs,
      honorTimestamps: options.honorTimestamps,
      labelsOf,
      onMetadata: (family, metadata) => this.#metadata.set(family, metadata),
      ...(options.format && { format: options.format }),
    });
  }

  async #markStale(memory: SourceMemory, ids: readonly SeriesId[], timeMs: number): Promise<void> {
    if (ids.length === 0) return;
    const builder = new SampleBatchBuilder(memory.storeSource, ids.length);
    for (const id of ids) builder.addStale(id, timeMs);
    await this.#store.append(builder.build());
  }
}

function unpackedBy<Answer>(
  read: (body: Uint8Array) => Answer,
  sent: Uint8Array,
  { packed, source }: ExpositionOptions,
): Answer {
  if (!packed) return read(sent);
  return readGunzipped(sent, packed.maxBytes, { method: "GET", path: source }, read);
}

function refuseLongLabels(labels: Labels, { labelLimits, source }: ExpositionOptions): void {
  const reason = labelLimits && jobLimitProblem(labels, labelLimits);
  if (reason === undefined) return;
  throw new OpsError(INGEST_ERRORS.labelLimit, { source, metric: metricNameOf(labels), reason });
}

function refuseBadBody(report: ExpositionReport, { sampleLimit, source }: ExpositionOptions): void {
  if (!report.complete) throw new OpsError(INGEST_ERRORS.cutShort, { source });
  if (report.samples === 0 && report.skippedLines > 0) {
    throw new OpsError(HUB_ERRORS.noSamples, { reason: firstProblem(report, 0) });
  }
  if (sampleLimit > 0 && report.kept > sampleLimit) {
    throw new OpsError(INGEST_ERRORS.sampleLimit, {
      source,
      found: report.kept,
      limit: sampleLimit,
    });
  }
}

function countSamples(
  report: ExpositionReport,
  seriesAdded: number,
  { targetLabels, timeMs }: ExpositionOptions,
): readonly NamedSample[] {
  const named = (name: string, value: number): NamedSample => ({
    labels: withLabels(targetLabels, { __name__: name }),
    timeMs,
    value,
  });
  return [
    named("scrape_samples_scraped", report.samples),
    named("scrape_samples_post_metric_relabeling", report.kept),
    named("scrape_series_added", seriesAdded),
  ];
}

function withoutOwnTimes(
  ids: Uint32Array,
  timesMs: Float64Array,
  { timeMs }: ExpositionOptions,
): Uint32Array {
  return ids.filter((_, row) => timesMs[row] === timeMs);
}

function firstProblem(report: ExpositionReport, repeated: number): string {
  const [first] = report.problems;
  if (first) return `line ${first.line}: ${first.message}`;
  return repeated > 0 ? `${repeated} series stand twice; the last value of each was kept` : "";
}
