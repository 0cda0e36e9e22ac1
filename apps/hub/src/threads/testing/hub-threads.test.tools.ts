import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, vi } from "vitest";
import type { Log, SelfMetrics } from "../../ports.ts";
import { systemClock } from "../../self/clock.ts";
import { IngestMeter } from "../../self/ingest-meter.ts";
import { HubThreads } from "../hub-threads.ts";

const errors: unknown[][] = [];
const log: Log = {
  info: () => {},
  warn: () => {},
  error: (...entry) => void errors.push(entry),
};
const metrics: SelfMetrics = { add: () => {}, set: () => {}, observe: () => {} };

/** Threads with nothing opened yet; to be closed. */
export function newThreads(): HubThreads {
  return new HubThreads({ clock: systemClock, log, metrics, meter: new IngestMeter() });
}

/** Of the test that runs. */
export interface OpenThreads {
  readonly folder: string;
  readonly threads: HubThreads;
  /** What was logged as an error: its message first. */
  readonly errors: readonly (readonly unknown[])[];
  /** The thread of each such call from main, in order. */
  asked(method: string): readonly Worker[];
}

/** Gives each test of the file threads of its own, open over an empty folder. */
export function openThreads(): OpenThreads {
  const posted = vi.spyOn(Worker.prototype, "postMessage");
  let folder = "";
  let threads: HubThreads;

  beforeEach(async () => {
    posted.mockClear();
    errors.length = 0;
    folder = mkdtempSync(join(tmpdir(), "hms-ops-threads-"));
    threads = newThreads();
    expect(await threads.lock(join(folder, "lock.db"))).toBe(true);
    const forever = Number.POSITIVE_INFINITY;
    const store = {
      folder: join(folder, "tsdb"),
      retentionMs: forever,
      retentionBytes: forever,
      seed: 1,
    };
    await threads.open(store, join(folder, "control.db"));
  });

  afterEach(async () => {
    await threads.close();
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    get folder() {
      return folder;
    },
    get threads() {
      return threads;
    },
    errors,
    asked: (method) =>
      posted.mock.contexts.filter(
        (_, i) => (posted.mock.calls[i]?.[0] as { method?: string } | undefined)?.method === method,
      ) as Worker[],
  };
}
