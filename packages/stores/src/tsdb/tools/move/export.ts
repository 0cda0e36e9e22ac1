import {
  labelsKey,
  type Matcher,
  METRIC_NAME,
  matcher,
  type SeriesBatch,
  type Snapshot,
  type TimeRange,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { formatSampleValue, formatSeriesText } from "@hms-ops/wire/exposition";
import { openNodeDisk } from "../../../disk/index.ts";
import { type OpenedStore, openForReading, type ToolContext } from "../open-for-reading.ts";
import { expectStore } from "../store-files.ts";
import { histogramText, jsonLine, numberText, STALE_TEXT } from "./json-lines.ts";

export type ExportFormat = "openmetrics" | "jsonl";

export interface ExportRequest {
  readonly format: ExportFormat;
  /** Sets of matchers, joined by "or"; empty = every series. */
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly range: TimeRange;
}

export interface ExportReport {
  readonly series: number;
  readonly samples: number;
  /** OpenMetrics has no form for native histograms and staleness markers. */
  readonly leftOutHistograms: number;
  readonly leftOutMarkers: number;
  /** What they held is missing. */
  readonly damagedBlocks: ReadonlyMap<string, string>;
}

const ROWS_PER_LINE = 1_000;
const TEXT_BYTES = 256 * 1024;

/**
 * Writes samples as text, metric by metric and series by series, rising in time. Memory holds the
 * index and one batch of series. `write` is waited for. OPS-1330 if the folder holds no store.
 */
export async function exportStore(
  folder: string,
  context: ToolContext,
  request: ExportRequest,
  write: (text: string) => Promise<void>,
): Promise<ExportReport> {
  await expectStore(context.disk ?? openNodeDisk(), folder);
  const opened = await openForReading(folder, context);
  try {
    const exporter = new Exporter(opened, request, write);
    await exporter.run();
    const { series, samples, leftOutHistograms, leftOutMarkers } = exporter;
    const { damagedBlocks } = opened;
    return { series, samples, leftOutHistograms, leftOutMarkers, damagedBlocks };
  } finally {
    await opened.close();
  }
}

class Exporter {
  series = 0;
  samples = 0;
  leftOutHistograms = 0;
  leftOutMarkers = 0;
  readonly #opened: OpenedStore;
  readonly #request: ExportRequest;
  readonly #write: (text: string) => Promise<void>;
  #parts: string[] = [];
  #length = 0;

  constructor(opened: OpenedStore, request: ExportRequest, write: (text: string) => Promise<void>) {
    this.#opened = opened;
    this.#request = request;
    this.#write = write;
  }

  async run(): Promise<void> {
    const { matcherSets, range, format } = this.#request;
    const listing = { matcherSets, range, budget: UNLIMITED_BUDGET };
    const metrics = await this.#opened.reader.labelValues(METRIC_NAME, listing);
    for (const metric of ["", ...metrics]) await this.#metric(metric);
    if (format === "openmetrics") this.#add("# EOF\n");
    await this.#flush();
  }

  /** Series that several sets of matchers find are written once. */
  async #metric(metric: string): Promise<void> {
    const { matcherSets, range } = this.#request;
    const sets = matcherSets.length > 0 ? matcherSets : [[]];
    const seen = sets.length > 1 ? new Set<string>() : undefined;
    for (const set of sets) {
      const matchers = [...set, matcher(METRIC_NAME, "=", metric)];
      const snapshot = await this.#opened.reader.snapshot({
        matchers,
        range,
        budget: UNLIMITED_BUDGET,
      });
      for await (const batch of snapshot.read(range)) await this.#batch(snapshot, batch, seen);
      snapshot.close();
    }
  }

  async #batch(
    snapshot: Snapshot,
    batch: SeriesBatch,
    seen: Set<string> | undefined,
  ): Promise<void> {
    for (let k = 0; k < batch.count; k++) {
      const labels = snapshot.series[batch.first + k] ?? [];
      if (seen) {
        const key = labelsKey(labels);
        if (seen.has(key)) continue;
        seen.add(key);
      }
      const [from, to] = [batch.offsets[k]!, batch.offsets[k + 1]!];
      const before = this.samples;
      if (this.#request.format === "jsonl") await this.#jsonSeries(labels, batch, from, to);
      else await this.#textSeries(labels, batch, from, to);
      if (this.samples > before) this.series++;
    }
  }

  async #textSeries(
    labels: readonly string[],
    { timesMs, values, stale, histograms }: SeriesBatch,
    from: number,
    to: number,
  ): Promise<void> {
    const series = formatSeriesText(labels);
    for (let row = from; row < to; row++) {
      if (histograms?.isHistogram[row] === 1) this.leftOutHistograms++;
      else if (stale[row] === 1) this.leftOutMarkers++;
      else {
        this.#add(`${series} ${formatSampleValue(values[row]!)} ${timesMs[row]! / 1_000}\n`);
        this.samples++;
      }
      if (this.#length >= TEXT_BYTES) await this.#flush();
    }
  }

  async #jsonSeries(
    labels: readonly string[],
    { timesMs, values, stale, histograms }: SeriesBatch,
    from: number,
    to: number,
  ): Promise<void> {
    for (let start = from; start < to; start += ROWS_PER_LINE) {
      const end = Math.min(to, start + ROWS_PER_LINE);
      const texts: string[] = [];
      for (let row = start; row < end; row++) {
        if (histograms?.isHistogram[row] === 1) texts.push(histogramText(histograms.at(row)));
        else texts.push(stale[row] === 1 ? STALE_TEXT : numberText(values[row]!));
      }
      this.#add(jsonLine(labels, Array.from(timesMs.subarray(start, end)), texts));
      this.samples += end - start;
      if (this.#length >= TEXT_BYTES) await this.#flush();
    }
  }

  #add(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
  }

  async #flush(): Promise<void> {
    if (this.#parts.length === 0) return;
    const text = this.#parts.join("");
    this.#parts = [];
    this.#length = 0;
    await this.#write(text);
  }
}
