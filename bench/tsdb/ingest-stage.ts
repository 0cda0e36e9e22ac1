import { askNumber } from "./ask.ts";
import type { EncodedStream } from "./encode-stream.ts";
import { busiestThreads, peakResidentBytes, threadSeconds } from "./process-figures.ts";
import type { SendReport } from "./send-stream.process.ts";
import { sendStream } from "./send-stream.ts";
import { samplesOf } from "./streams.ts";
import type { DiskUse, System, SystemName } from "./systems.ts";
import { INSTANCE_SHAPES } from "./values.ts";
import { sleep } from "./waiting.ts";

export interface IngestFigures {
  readonly system: SystemName;
  readonly stream: string;
  readonly send: SendReport;
  readonly samplesPerSecond: number;
  /** From the first byte to the last acknowledgement. */
  readonly samplesPerCpuSecond: number;
  /** The work that came after it (flush, merge), up to `SETTLE_MS` later, in. */
  readonly samplesPerCpuSecondSettled: number;
  readonly busiest: readonly string[];
  readonly peakIngestBytes: number;
  /** After two queries over all series. */
  readonly peakBytes: number;
  readonly restart: Restart;
  readonly samplesThere: number | string;
  readonly samplesExpected: number;
  readonly disk: DiskUse;
  readonly writtenBytes: number;
}

export interface Restart {
  readonly readyMs: number;
  /** From the kill to the first count of all series that is complete; null = it never was. */
  readonly completeMs: number | null;
  readonly count: number;
  readonly expected: number;
}

const SETTLE_MS = 10_000;
const COMPLETE_LIMIT_MS = 90_000;
const ALL = '{__name__=~".+"}';
const MINUTE_S = 60;
const JOBS = 4;

/** Sends a stream to a fresh system, kills it, starts it again, brings its disk to rest. */
export async function measureIngest(
  system: System,
  encoded: EncodedStream,
): Promise<IngestFigures> {
  await system.start();
  const startSeconds = system.processorSeconds;
  const startThreads = threadSeconds(system.pid);
  const send = await sendStream({
    url: system.writeAddress,
    paths: encoded.paths,
    samplesPerSecond: 0,
  });
  const endSeconds = system.processorSeconds;
  const peakIngestBytes = peakResidentBytes(system.pid);
  await sleep(SETTLE_MS);
  const settledSeconds = system.processorSeconds;
  const busiest = busiestThreads(startThreads, threadSeconds(system.pid));
  await askNumber(system, `count(${ALL})`, encoded.endMs).catch(() => 0);
  await askNumber(system, "sum(rate(http_requests_total[2m]))", encoded.endMs).catch(() => 0);
  const peakBytes = peakResidentBytes(system.pid);
  const restart = await killAndCount(system, encoded);
  const samplesThere = await countSamples(system, encoded).catch((error: Error) => error.message);
  const disk = await system.compact();
  const { acknowledged } = send;
  return {
    system: system.name,
    stream: encoded.stream.name,
    send,
    samplesPerSecond: acknowledged / (send.wallMs / 1000),
    samplesPerCpuSecond: acknowledged / (endSeconds - startSeconds),
    samplesPerCpuSecondSettled: acknowledged / (settledSeconds - startSeconds),
    busiest,
    peakIngestBytes,
    peakBytes,
    restart,
    samplesThere,
    samplesExpected: samplesOf(encoded.stream),
    disk,
    writtenBytes: system.writtenBytes,
  };
}

async function killAndCount(system: System, encoded: EncodedStream): Promise<Restart> {
  const killedMs = performance.now();
  await system.end("SIGKILL");
  await system.start();
  const readyMs = performance.now() - killedMs;
  const expected = encoded.liveSeries;
  let count = 0;
  while (performance.now() - killedMs < COMPLETE_LIMIT_MS) {
    count = await askNumber(system, `count(${ALL})`, encoded.endMs).catch(() => 0);
    if (count === expected) {
      return { readyMs, completeMs: performance.now() - killedMs, count, expected };
    }
    await sleep(10);
  }
  return { readyMs, completeMs: null, count, expected };
}

/**
 * Samples that answer, asked by metric and job: without its name a series may be another's twin,
 * and no system's bound of one query is met.
 */
async function countSamples(system: System, encoded: EncodedStream): Promise<number> {
  const windowS = (encoded.endMs - encoded.startMs) / 1000 + MINUTE_S;
  let sum = 0;
  for (const name of new Set(INSTANCE_SHAPES.map((shape) => shape.name))) {
    for (let job = 0; job < JOBS; job++) {
      const some = `${name}{job="service-${job}"}`;
      sum += await askNumber(system, `sum(count_over_time(${some}[${windowS}s]))`, encoded.endMs);
    }
  }
  return sum;
}

export interface LossFigures {
  readonly system: SystemName;
  readonly acknowledged: number;
  readonly there: number;
  /** What is missing, in seconds of the rate that it was sent at. */
  readonly lostSeconds: number;
}

/** Sends at a steady rate, kills at the last acknowledgement, counts what is there. */
export async function measureLoss(
  system: System,
  encoded: EncodedStream,
  samplesPerSecond: number,
): Promise<LossFigures> {
  await system.start();
  const { acknowledged } = await sendStream({
    url: system.writeAddress,
    paths: encoded.paths,
    samplesPerSecond,
  });
  await system.end("SIGKILL");
  await system.start();
  await sleep(2_000);
  const there = await countSamples(system, encoded);
  const lostSeconds = (acknowledged - there) / samplesPerSecond;
  return { system: system.name, acknowledged, there, lostSeconds };
}
