import { type HistogramBucket, labelsOf, type NativeHistogram } from "@hms-ops/model";
import type {
  AnsweredValue,
  AnswerRow,
  Evaluation,
  FeatureNames,
  LoadedSeries,
  ScriptAnswer,
  ScriptTarget,
  ShownHistogram,
} from "@hms-ops/query/testing";
import type { HistogramAt } from "@hms-ops/wire/remote-write";
import { type HubProcess, removeFolder, startHub } from "./hub.ts";
import { remoteWrite } from "./remote-write.ts";

export interface ScriptHubOptions {
  /** Whether histograms of whole counts are sent as integer ones. */
  readonly integers: boolean;
}

/** A real hub in a fresh folder: remote write in, the HTTP API out. */
export class ScriptHub implements ScriptTarget {
  readonly #options: ScriptHubOptions;
  #hub: HubProcess;

  private constructor(hub: HubProcess, options: ScriptHubOptions) {
    this.#hub = hub;
    this.#options = options;
  }

  static async open(features: FeatureNames, options: ScriptHubOptions): Promise<ScriptHub> {
    return new ScriptHub(await startHub({ flags: flagsOf(features) }), options);
  }

  async load(loaded: readonly LoadedSeries[]): Promise<void> {
    const series = loaded.map(({ labels, samples }) => {
      const isHistogram = samples.some(({ value }) => typeof value !== "number");
      const floats = samples.filter(({ value, stale }) =>
        stale ? !isHistogram : typeof value === "number",
      );
      return {
        labels,
        timesMs: floats.map(({ timeMs }) => timeMs),
        values: floats.map(({ value }) => value as number),
        stale: floats.map(({ stale }) => (stale ? 1 : 0)),
        histograms: samples.flatMap(({ timeMs, value, stale }): readonly HistogramAt[] => {
          if (stale) return isHistogram ? [{ timeMs, histogram: "stale" }] : [];
          return typeof value === "number" ? [] : [{ timeMs, histogram: this.#sent(value) }];
        }),
      };
    });
    await remoteWrite(this.#hub.url, series);
  }

  async ask({ expr, startMs, endMs, stepMs, instant }: Evaluation): Promise<ScriptAnswer> {
    const parameters: Record<string, string> = instant
      ? { query: expr, time: seconds(startMs) }
      : { query: expr, start: seconds(startMs), end: seconds(endMs), step: seconds(stepMs) };
    const path = instant ? "/api/v1/query" : "/api/v1/query_range";
    const response = await fetch(`${this.#hub.url}${path}`, {
      method: "POST",
      body: new URLSearchParams(parameters),
    });
    const body = (await response.json()) as ApiAnswer;
    if (body.status !== "success" || body.data === undefined) throw new Error(body.error);
    const { data, warnings = [], infos = [] } = body;
    return { rows: rowsOf(data, startMs, stepMs, endMs), warnings, infos };
  }

  async enable(features: FeatureNames): Promise<void> {
    const { folder } = this.#hub;
    await this.#hub.stop();
    this.#hub = await startHub({ folder, flags: flagsOf(features) });
  }

  async close(): Promise<void> {
    await this.#hub.stop();
    removeFolder(this.#hub.folder);
  }

  #sent(histogram: NativeHistogram): NativeHistogram {
    return this.#options.integers && isWhole(histogram)
      ? { ...histogram, isInteger: true }
      : histogram;
  }
}

function flagsOf(features: FeatureNames): readonly string[] {
  const flags = ["--retention", "200y", "--no-discovery"];
  return features.length > 0 ? [...flags, `--enable-feature=${features.join(",")}`] : flags;
}

/** Integer histograms must have as many observations as their buckets. */
function isWhole({ count, zeroCount, positive, negative }: NativeHistogram): boolean {
  const counts = [zeroCount, ...positive.counts, ...negative.counts];
  const sum = counts.reduce((total, one) => total + one, 0);
  return counts.every((one) => Number.isSafeInteger(one) && one >= 0) && sum === count;
}

function seconds(ms: number): string {
  return String(ms / 1_000);
}

interface ApiAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data?: ApiData;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

type ApiData =
  | { readonly resultType: "scalar"; readonly result: ApiSample }
  | { readonly resultType: "string"; readonly result: ApiSample }
  | { readonly resultType: "vector" | "matrix"; readonly result: readonly ApiSeries[] };

type ApiSample = readonly [timeS: number, value: string];
type ApiHistogramAt = readonly [timeS: number, histogram: ApiHistogram];

interface ApiSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: ApiSample;
  readonly values?: readonly ApiSample[];
  readonly histogram?: ApiHistogramAt;
  readonly histograms?: readonly ApiHistogramAt[];
}

interface ApiHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [kind: number, from: string, to: string, count: string])[];
}

function rowsOf(
  data: ApiData,
  startMs: number,
  stepMs: number,
  endMs: number,
): readonly AnswerRow[] {
  if (data.resultType === "string") return [];
  if (data.resultType === "scalar") return [{ labels: [], values: [numberOf(data.result[1])] }];
  const steps = Math.floor((endMs - startMs) / stepMs) + 1;
  return data.result.map(({ metric, value, values = [], histogram, histograms = [] }) => {
    const row = new Array<AnsweredValue | undefined>(steps).fill(undefined);
    const stepOf = (timeS: number) => Math.round((timeS * 1_000 - startMs) / stepMs);
    for (const [timeS, text] of value ? [value] : values) row[stepOf(timeS)] = numberOf(text);
    for (const [timeS, one] of histogram ? [histogram] : histograms) {
      row[stepOf(timeS)] = histogramOf(one);
    }
    return { labels: labelsOf(metric), values: row };
  });
}

/** Which bounds belong to a bucket, by its kind. */
const BOUNDS = [
  { isLowerInclusive: false, isUpperInclusive: true },
  { isLowerInclusive: true, isUpperInclusive: false },
  { isLowerInclusive: false, isUpperInclusive: false },
  { isLowerInclusive: true, isUpperInclusive: true },
] as const;

function histogramOf({ count, sum, buckets = [] }: ApiHistogram): ShownHistogram {
  return {
    count: numberOf(count),
    sum: numberOf(sum),
    buckets: buckets.map(([kind, from, to, inBucket]): HistogramBucket => {
      const bounds = BOUNDS[kind];
      if (bounds === undefined) throw new Error(`no such kind of bucket: ${kind}`);
      return { lower: numberOf(from), upper: numberOf(to), ...bounds, count: numberOf(inBucket) };
    }),
  };
}

function numberOf(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}
