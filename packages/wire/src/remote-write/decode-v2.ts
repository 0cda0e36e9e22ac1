import { formatLabels, METRIC_NAME, type SeriesId, UNKNOWN_SERIES } from "@hms-ops/model";
import { WIRE_ERRORS } from "../errors.ts";
import { LABELS_PER_SERIES_MAX, RESOLVED_LABELS_MAX_BYTES } from "../limits.ts";
import { type RawPair, type ReadLabels, seriesLabels } from "../prompb/labels.ts";
import { METRIC_TYPES } from "../prompb/metric-types.ts";
import { ProtoReader, WIRE_BYTES, WIRE_FIXED_64, WIRE_VARINT } from "../prompb/proto-reader.ts";
import { RawKeyWriter } from "./raw-key.ts";
import { ProblemList, type RemoteWriteOptions, type RemoteWriteReport } from "./report.ts";
import { RowReader } from "./rows.ts";
import { SymbolTable } from "./symbols.ts";

const TAG_REQUEST_SYMBOL = (4 << 3) | WIRE_BYTES;
const TAG_REQUEST_SERIES = (5 << 3) | WIRE_BYTES;
const TAG_LABEL_REFS = (1 << 3) | WIRE_BYTES;
const TAG_LABEL_REF = (1 << 3) | WIRE_VARINT;
const TAG_SAMPLE = (2 << 3) | WIRE_BYTES;
const TAG_HISTOGRAM = (3 << 3) | WIRE_BYTES;
const TAG_EXEMPLAR = (4 << 3) | WIRE_BYTES;
const TAG_METADATA = (5 << 3) | WIRE_BYTES;

/** One pair more than a series may have, to tell that it has too many. */
const REFS_MAX = 2 * (LABELS_PER_SERIES_MAX + 1);
const NONE = -1;

/**
 * Reads one io.prometheus.write.v2.Request (remote write 2.0, uncompressed) into the builder. A
 * series that the resolver knows costs no string. Throws an OpsError (400) when the message is
 * damaged: the builder then holds rows that must not be stored.
 */
export function readRemoteWriteV2(
  bytes: Uint8Array,
  options: RemoteWriteOptions,
): RemoteWriteReport {
  const decoder = new RemoteWriteV2Decoder(bytes, options);
  decoder.run();
  return decoder.report();
}

class RemoteWriteV2Decoder {
  readonly #reader: ProtoReader;
  readonly #options: RemoteWriteOptions;
  readonly #symbols: SymbolTable;
  readonly #key = new RawKeyWriter();
  readonly #rows: RowReader;
  readonly #problems = new ProblemList();
  /** Label references of the series or exemplar that is read. */
  readonly #refs = new Uint32Array(REFS_MAX);
  #refCount = 0;
  #rowCount = 0;
  #exemplarCount = 0;
  #metadataAt = NONE;
  #metadataEnd = NONE;
  #isNew = false;
  #resolvedBytes = 0;
  #series = 0;
  #skippedSeries = 0;

  constructor(bytes: Uint8Array, options: RemoteWriteOptions) {
    this.#reader = new ProtoReader(bytes, WIRE_ERRORS.remoteWriteUnreadable);
    this.#options = options;
    this.#symbols = new SymbolTable(this.#reader);
    this.#rows = new RowReader(this.#reader, options.builder);
  }

  report(): RemoteWriteReport {
    return {
      ...this.#rows.counts(),
      series: this.#series,
      skippedSeries: this.#skippedSeries,
      problems: this.#problems.list(),
    };
  }

  /** Symbols may stand behind the series that name them: they are sought first. */
  run(): void {
    this.#readSymbols();
    const reader = this.#reader;
    const end = reader.bytes.length;
    reader.position = 0;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === TAG_REQUEST_SERIES) this.#readSeries(reader.lengthEnd(end));
      else reader.skip(tag & 7, end);
    }
  }

  #readSymbols(): void {
    const reader = this.#reader;
    const end = reader.bytes.length;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag !== TAG_REQUEST_SYMBOL) {
        reader.skip(tag & 7, end);
        continue;
      }
      const symbolEnd = reader.lengthEnd(end);
      if (this.#symbols.count === 0 && symbolEnd > reader.position) {
        reader.fail("the first of its symbols is not the empty text");
      }
      this.#symbols.add(reader.position, symbolEnd);
      reader.position = symbolEnd;
    }
  }

  /** Hot: one call a series. */
  #readSeries(end: number): void {
    const reader = this.#reader;
    const start = reader.position;
    this.#scan(end);
    const id = this.#seriesId();
    if (id === NONE) {
      reader.position = end;
      return;
    }
    this.#series++;
    if (this.#metadataAt !== NONE) this.#readMetadata();
    reader.position = start;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === TAG_SAMPLE) this.#rows.sample(id, reader.lengthEnd(end));
      else if (tag === TAG_HISTOGRAM) this.#readHistogram(id, reader.lengthEnd(end));
      else reader.skip(tag & 7, end);
    }
    if (this.#exemplarCount === 0) return;
    // Their references take the place of the series' own.
    reader.position = start;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === TAG_EXEMPLAR) this.#readExemplar(id, reader.lengthEnd(end));
      else reader.skip(tag & 7, end);
    }
  }

  /** Notes references, metadata and the number of rows of a series. */
  #scan(end: number): void {
    const reader = this.#reader;
    this.#refCount = 0;
    this.#rowCount = 0;
    this.#exemplarCount = 0;
    this.#metadataAt = NONE;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === TAG_LABEL_REFS) this.#readRefs(reader.lengthEnd(end));
      else if (tag === TAG_LABEL_REF) this.#noteRef(reader.uint32(end));
      else if (tag === TAG_METADATA) {
        this.#metadataEnd = reader.lengthEnd(end);
        this.#metadataAt = reader.position;
        reader.position = this.#metadataEnd;
      } else {
        if (tag === TAG_SAMPLE || tag === TAG_HISTOGRAM) this.#rowCount++;
        else if (tag === TAG_EXEMPLAR) this.#exemplarCount++;
        reader.skip(tag & 7, end);
      }
    }
  }

  #readRefs(end: number): void {
    const reader = this.#reader;
    while (reader.position < end) this.#noteRef(reader.uint32(end));
  }

  #noteRef(ref: number): void {
    if (this.#refCount < REFS_MAX) this.#refs[this.#refCount] = ref;
    this.#refCount++;
  }

  #seriesId(): SeriesId | typeof NONE {
    const problem = this.#refsProblem();
    if (problem !== undefined) return this.#skip(problem);
    if (this.#rowCount + this.#exemplarCount === 0) return this.#skipEmpty();
    const isWhole = this.#writeKey();
    const { bytes, end } = this.#key;
    this.#resolvedBytes += end;
    if (this.#resolvedBytes > RESOLVED_LABELS_MAX_BYTES) {
      this.#reader.fail(`its labels written out take more than ${RESOLVED_LABELS_MAX_BYTES} bytes`);
    }
    if (!isWhole) return this.#declare(undefined);
    const known = this.#options.resolver.find(bytes, 0, end);
    this.#isNew = known === UNKNOWN_SERIES;
    return this.#isNew ? this.#declare(bytes.slice(0, end)) : known;
  }

  /** Hot. */
  #refsProblem(): string | undefined {
    const count = this.#refCount;
    if (count % 2 !== 0) return "a label reference has no partner";
    if (count > REFS_MAX) return `a series has ${count / 2} labels`;
    for (let i = 0; i < count; i++) {
      const ref = this.#refs[i]!;
      if (ref >= this.#symbols.count) return `there is no symbol ${ref}`;
    }
    return undefined;
  }

  /** Hot. False where a label is too long, which `seriesLabels` tells in words. */
  #writeKey(): boolean {
    const { bytes } = this.#reader;
    const refs = this.#refs;
    this.#key.clear();
    for (let i = 0; i < this.#refCount; i += 2) {
      if (!this.#key.add(bytes, this.#symbols, refs[i]!, refs[i + 1]!)) return false;
    }
    return true;
  }

  #declare(rawKey: Uint8Array | undefined): SeriesId | typeof NONE {
    const read = this.#labels();
    if (read.labels === undefined) return this.#skip(read.problem);
    return this.#rows.declare(rawKey ? { labels: read.labels, rawKey } : { labels: read.labels });
  }

  #labels(): ReadLabels {
    return seriesLabels(this.#pairs());
  }

  #pairs(): readonly RawPair[] {
    const pairs: RawPair[] = [];
    for (let i = 0; i < this.#refCount; i += 2) {
      pairs.push([this.#symbols.text(this.#refs[i]!), this.#symbols.text(this.#refs[i + 1]!)]);
    }
    return pairs;
  }

  #skip(problem: string): typeof NONE {
    this.#skippedSeries++;
    this.#problems.add("invalid-labels", this.#rowCount, () => problem);
    return NONE;
  }

  /** Exemplars alone are welcome: Prometheus sends them so. */
  #skipEmpty(): typeof NONE {
    this.#skippedSeries++;
    this.#problems.add("empty-series", 1, () => {
      const labels = formatLabels(this.#labels().labels ?? []);
      return `${labels} has neither samples nor histograms`;
    });
    return NONE;
  }

  #readHistogram(id: SeriesId, end: number): void {
    const problem = this.#rows.histogram(id, end);
    if (problem === undefined) return;
    this.#problems.add("invalid-histogram", 1, () => {
      const { labels = [] } = this.#labels();
      return `${formatLabels(labels)}: ${problem}`;
    });
  }

  #readExemplar(id: SeriesId, end: number): void {
    const reader = this.#reader;
    let timeMs = 0;
    let value = 0;
    this.#refCount = 0;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === TAG_LABEL_REFS) this.#readRefs(reader.lengthEnd(end));
      else if (tag === TAG_LABEL_REF) this.#noteRef(reader.uint32(end));
      else if (tag === ((2 << 3) | WIRE_FIXED_64)) value = reader.double(reader.fixed64(end));
      else if (tag === ((3 << 3) | WIRE_VARINT)) timeMs = reader.int64(end);
      else reader.skip(tag & 7, end);
    }
    if (this.#refsProblem() !== undefined) this.#rows.skipExemplar();
    else this.#rows.exemplar(id, this.#pairs(), timeMs, value);
  }

  /** Of a known series only when asked: its name would be a string a series and request. */
  #readMetadata(): void {
    const { onMetadata, withKnownMetadata } = this.#options;
    if (!onMetadata || (!this.#isNew && !withKnownMetadata)) return;
    const reader = this.#reader;
    const end = this.#metadataEnd;
    reader.position = this.#metadataAt;
    let type = 0;
    let help = 0;
    let unit = 0;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === ((1 << 3) | WIRE_VARINT)) type = reader.int64(end);
      else if (tag === ((3 << 3) | WIRE_VARINT)) help = reader.uint32(end);
      else if (tag === ((4 << 3) | WIRE_VARINT)) unit = reader.uint32(end);
      else reader.skip(tag & 7, end);
    }
    if (type === 0 && help === 0 && unit === 0) return;
    const said = METRIC_TYPES[type] ?? "unknown";
    onMetadata(familyOf(this.#metricName(), said), {
      type: said,
      help: this.#symbols.text(help) ?? "",
      unit: this.#symbols.text(unit) ?? "",
    });
  }

  #metricName(): string {
    for (let i = 0; i < this.#refCount; i += 2) {
      if (this.#symbols.text(this.#refs[i]!) === METRIC_NAME) {
        return this.#symbols.text(this.#refs[i + 1]!) ?? "";
      }
    }
    return "";
  }
}

/** 2.0 tells metadata by series; the parts of a classic histogram or summary are one family. */
function familyOf(metricName: string, type: string): string {
  if (type === "histogram" || type === "gaugehistogram") {
    return metricName.replace(/_(bucket|sum|count)$/, "");
  }
  return type === "summary" ? metricName.replace(/_(sum|count)$/, "") : metricName;
}
