import { setTimeout as wait } from "node:timers/promises";
import { type HubClient, HubError } from "@hms-ops/client";
import { NEW_SERIES_BASE, type SampleBatch } from "@hms-ops/model";
import type { ImportSink } from "@hms-ops/stores/tsdb/tools";
import { type RemoteWriteSeries, writeRemoteWriteV2 } from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";

const TRIES = 8;
const FIRST_WAIT_MS = 250;
const REQUEST_TIMEOUT_MS = 60_000;

/** Delivers batches to a running hub by remote write 2.0; tries again while the hub is busy. */
export function hubSink(hub: HubClient): ImportSink {
  return async (batch) => {
    const body = compressSnappy(writeRemoteWriteV2(seriesOf(batch)));
    const { samples, histograms, refused } = await send(hub, body);
    const accepted = samples + histograms;
    const count = batch.count + (batch.histograms?.length ?? 0) - accepted;
    if (refused === "") return { accepted, rejections: [] };
    const example = refused.replace(/^.*?; refused: /s, "");
    return { accepted, rejections: [{ reason: reasonOf(refused), count, example }] };
  };
}

async function send(hub: HubClient, body: Uint8Array<ArrayBuffer>) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await hub.remoteWrite(body, { timeoutMs: REQUEST_TIMEOUT_MS });
    } catch (error) {
      const isBusy = error instanceof HubError && (error.status === 429 || error.status >= 500);
      if (!isBusy || attempt === TRIES) throw error;
      await wait(FIRST_WAIT_MS * 2 ** (attempt - 1));
    }
  }
}

const REASONS = ["duplicate", "too-old", "too-new", "invalid-labels", "metric-limit"] as const;

/** The hub's answer tells each reason by its name. */
function reasonOf(refused: string) {
  return REASONS.find((reason) => refused.includes(` ${reason} (`)) ?? "series-limit";
}

interface SeriesRows {
  readonly timesMs: number[];
  readonly values: number[];
  readonly stale: number[];
  readonly histograms: {
    timeMs: number;
    histogram: NonNullable<SampleBatch["histograms"]>[number]["histogram"];
  }[];
}

/** Rows by series: remote write names each once. An import's batch declares all of its series. */
function seriesOf(batch: SampleBatch): readonly RemoteWriteSeries[] {
  const rows: SeriesRows[] = batch.newSeries.map(() => ({
    timesMs: [],
    values: [],
    stale: [],
    histograms: [],
  }));
  for (let row = 0; row < batch.count; row++) {
    const series = rows[(batch.ids[row] ?? 0) - NEW_SERIES_BASE];
    series?.timesMs.push(batch.timesMs[row] ?? 0);
    series?.values.push(batch.values[row] ?? 0);
    series?.stale.push(batch.stale[row] ?? 0);
  }
  for (const { id, timeMs, histogram } of batch.histograms ?? []) {
    rows[id - NEW_SERIES_BASE]?.histograms.push({ timeMs, histogram });
  }
  return batch.newSeries.map(({ labels }, i) => ({
    labels,
    ...(rows[i] ?? { timesMs: [], values: [], stale: [], histograms: [] }),
  }));
}
