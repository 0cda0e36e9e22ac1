import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { EncodeTask } from "./encode-stream.thread.ts";
import {
  CONNECTIONS,
  replacedOf,
  SERIES_A_INSTANCE,
  type Stream,
  samplesOf,
  spanMs,
} from "./streams.ts";

/** A stream as files of bodies, one a connection, the same bytes for every system. */
export interface EncodedStream {
  readonly stream: Stream;
  readonly paths: readonly string[];
  readonly bytes: number;
  /** The sample times lie in [startMs, endMs). Both are whole minutes. */
  readonly startMs: number;
  readonly endMs: number;
  readonly seed: number;
  readonly samples: number;
  /** Series that answer at `endMs`. */
  readonly liveSeries: number;
}

const MINUTE_MS = 60_000;

/** Writes the stream into `folder`; its last sample lies within the last two minutes. */
export async function encodeStream(
  stream: Stream,
  folder: string,
  seed: number,
): Promise<EncodedStream> {
  const endMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const startMs = endMs - spanMs(stream);
  const paths = Array.from({ length: CONNECTIONS }, (_, i) => join(folder, `bodies-${i}`));
  await Promise.all(
    paths.map(async (path, connection) => {
      const workerData: EncodeTask = { stream, connection, startMs, seed, path };
      const worker = new Worker(new URL("encode-stream.thread.ts", import.meta.url), {
        workerData,
      });
      await once(worker, "exit");
    }),
  );
  return {
    stream,
    paths,
    bytes: paths.reduce((sum, path) => sum + statSync(path).size, 0),
    startMs,
    endMs,
    seed,
    samples: samplesOf(stream) + replacedOf(stream) * SERIES_A_INSTANCE,
    liveSeries: stream.instances * SERIES_A_INSTANCE,
  };
}
