import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "../figure.ts";
import { encodeStream } from "./encode-stream.ts";
import { readHubMetrics } from "./hub-metrics.ts";
import { readOptions } from "./options.ts";
import { residentBytes } from "./process-figures.ts";
import { sendStream } from "./send-stream.ts";
import { STEP_MS, type Stream } from "./streams.ts";
import { HmsOpsSystem } from "./systems.ts";
import { textTable } from "./text-table.ts";
import { short } from "./verdicts.ts";
import { sleep } from "./waiting.ts";

const SAMPLES_PER_SECOND = 100_000;
const INSTANCES = 100;
const SAMPLES_A_STEP = INSTANCES * 100;
const LOOK_EVERY_MS = 5_000;
const STORE = "hms_ops_store";
/** What waits for the background thread: it may go up and down, but not on and on. */
const BACKLOG = ["queued_rows", "head_bytes", "frozen_bytes", "wal_bytes", "blocks"];
/** Flushes and merges come in waves; a backlog that grows has doubled from one third to the next. */
const MOST_GROWTH = 1.5;
const WAVE = 10;

type Look = ReadonlyMap<string, number>;

/**
 * `npm run bench -- steady`: 100,000 samples a second for ten minutes. The samples' own time runs
 * 150 times faster, so that the store flushes and compacts many times.
 */
export async function benchSteady(words: readonly string[]): Promise<Outcome> {
  const options = readOptions(words);
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-bench-"));
  const hub = new HmsOpsSystem(join(folder, "hub"), options.hub);
  try {
    const steps = Math.round((options.minutes * 60 * SAMPLES_PER_SECOND) / SAMPLES_A_STEP);
    const stream: Stream = {
      name: "steady",
      instances: INSTANCES,
      stepMs: STEP_MS,
      steps,
      replaceEvery: 240,
    };
    const encoded = await encodeStream(stream, folder, options.seed);
    await hub.start();
    const looks: Look[] = [];
    const watching = new AbortController();
    const watched = watch(hub, looks, watching.signal);
    const send = await sendStream({
      url: hub.writeAddress,
      paths: encoded.paths,
      samplesPerSecond: SAMPLES_PER_SECOND,
    });
    watching.abort();
    await watched;
    const seconds = send.wallMs / 1000;
    const growth = growthOf(looks);
    const text = [
      `seed ${options.seed}; ${send.acknowledged} samples in ${short(seconds)} s (${short(send.acknowledged / seconds)} a second), ${send.refused} refused, ${send.repeated} sent again`,
      `acknowledged p50/p99/max: ${[send.ackP50Ms, send.ackP99Ms, send.ackMaxMs].map(short).join(" / ")} ms`,
      textTable(
        ["figure", "first third", "second", "last", "most", "must not grow"],
        growth.map((row) => [row.name, ...row.thirds.map(short), short(row.most), judge(row)]),
      ),
    ].join("\n\n");
    return { figures: [], text, details: { version: hub.version(), send, growth } };
  } finally {
    await hub.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function watch(hub: HmsOpsSystem, looks: Look[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS);
    const metrics = await readHubMetrics(hub.address);
    const store = [...metrics].filter(([name]) => name.startsWith(STORE));
    looks.push(
      new Map([
        ...store,
        ["resident bytes", residentBytes(hub.pid)],
        ["processor seconds", hub.processorSeconds],
        ["written bytes", hub.writtenBytes],
      ]),
    );
  }
}

interface Growth {
  readonly name: string;
  /** Means of each third of the time. */
  readonly thirds: readonly number[];
  readonly most: number;
}

function judge({ name, thirds: [, second = 0, last = 0] }: Growth): string {
  if (!BACKLOG.some((item) => name.includes(`item="${item}"`))) return "";
  return last <= second * MOST_GROWTH + WAVE ? "held" : "NOT HELD";
}

function growthOf(looks: readonly Look[]): readonly Growth[] {
  const names = new Set(looks.flatMap((look) => [...look.keys()]));
  return [...names].map((name) => {
    const values = looks.map((look) => look.get(name) ?? 0);
    const third = Math.max(1, Math.floor(values.length / 3));
    const mean = (from: number) => {
      const some = values.slice(from, from + third);
      return some.reduce((sum, value) => sum + value, 0) / Math.max(1, some.length);
    };
    const thirds = [mean(0), mean(third), mean(values.length - third)];
    return { name, thirds, most: Math.max(...values) };
  });
}
