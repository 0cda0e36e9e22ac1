import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figure } from "../figure.ts";
import { peakResidentBytes, preciseSeconds } from "../tsdb/process-figures.ts";
import { HmsOpsSystem } from "../tsdb/systems.ts";
import { sleep, until } from "../tsdb/waiting.ts";

/** Issue 4: a thousand viewers cost at most so many times what one costs. */
const RATIO_MAX = 1.5;
const VIEWERS = 1_000;
const STEP_S = 5;
const SPAN_S = 3_600;
const INSTANCES = 40;
const SENT_EVERY_MS = 5_000;
const WINDOW_MS = 30_000;

/** A dashboard as layers ship it: rates, quantiles, sums by a label, over all instances. */
const PANELS: readonly string[] = Array.from({ length: 5 }, (_, i) => [
  `sum(rate(live_requests_total{shard="s${i}"}[1m]))`,
  `sum by (code) (rate(live_requests_total{shard="s${i}"}[1m]))`,
  `sum by (shard) (rate(live_requests_total{code="c${i}"}[1m]))`,
  `max by (instance) (live_queue_length{shard="s${i}"})`,
]).flat();

interface Received {
  readonly opened: number;
  readonly bytes: number;
  readonly steps: number;
}

/** One viewer, then a thousand, of one dashboard of twenty panels, in one run of one hub. */
export async function measureLive(words: readonly string[]): Promise<readonly Figure[]> {
  const viewers = Number(words[0] ?? VIEWERS);
  const windowMs = Number(words[1] ?? WINDOW_MS);
  const hub = new HmsOpsSystem(mkdtempSync(join(tmpdir(), "bench-live-")));
  try {
    await hub.start();
    const stopSending = sendSamples(hub.address);
    await sleep(3 * SENT_EVERY_MS);
    const idle = await costOf(hub, 0, windowMs);
    const one = await costOf(hub, 1, windowMs);
    const many = await costOf(hub, viewers, windowMs);
    stopSending();
    const peakMiB = Math.round(peakResidentBytes(hub.pid) / 2 ** 20);
    const ratio = many.cpuSeconds / one.cpuSeconds;
    const ownRatio = (many.cpuSeconds - idle.cpuSeconds) / (one.cpuSeconds - idle.cpuSeconds);
    return [
      seconds("processor time without viewers", idle.cpuSeconds),
      seconds("processor time with one viewer", one.cpuSeconds),
      seconds(`processor time with ${viewers} viewers`, many.cpuSeconds),
      { what: "events one viewer received", value: one.steps, unit: "" },
      { what: "events each of the many received", value: many.steps / viewers, unit: "" },
      { what: "bytes of an event", value: Math.round(many.bytes / many.steps), unit: "B" },
      { what: "many to one, the hub whole", value: rounded(ratio), unit: "×", bar: RATIO_MAX },
      { what: "many to one, without what it takes idle", value: rounded(ownRatio), unit: "×" },
      { what: "peak memory of the hub", value: peakMiB, unit: "MiB" },
    ];
  } finally {
    await hub.remove();
  }
}

/** Of the hub in one window, while so many watch. */
async function costOf(
  hub: HmsOpsSystem,
  viewers: number,
  windowMs: number,
): Promise<{ readonly cpuSeconds: number; readonly steps: number; readonly bytes: number }> {
  const watching = viewers > 0 ? watch(hub.address, viewers) : undefined;
  try {
    if (watching) {
      await until("all viewers are there", async () => (await ask(watching)).opened === viewers);
    }
    // Whole answers and connections are the beginning, not what watching costs.
    await sleep(2 * STEP_S * 1_000);
    const before = watching && (await ask(watching));
    const startSeconds = preciseSeconds(hub.pid);
    await sleep(windowMs);
    const cpuSeconds = preciseSeconds(hub.pid) - startSeconds;
    const after = watching && (await ask(watching));
    const steps = (after?.steps ?? 0) - (before?.steps ?? 0);
    const bytes = (after?.bytes ?? 0) - (before?.bytes ?? 0);
    return { cpuSeconds, steps, bytes };
  } finally {
    watching?.kill();
  }
}

function watch(address: string, viewers: number): ChildProcess {
  const { hostname, port } = new URL(address);
  const asked = new URLSearchParams(PANELS.map((expr): [string, string] => ["expr", expr]));
  asked.set("step", String(STEP_S));
  asked.set("span", String(SPAN_S));
  const path = `/api/ops/v1/live?${asked}`;
  const entry = new URL("./viewers.process.ts", import.meta.url);
  return fork(entry, [hostname, port, path, String(viewers)]);
}

async function ask(watching: ChildProcess): Promise<Received> {
  watching.send("figures");
  const [figures] = await once(watching, "message");
  return figures as Received;
}

/** Counters and gauges of all instances, as an exporter pushes them. */
function sendSamples(address: string): () => void {
  let sent = 0;
  const send = () => {
    sent++;
    const lines: string[] = [];
    for (let instance = 0; instance < INSTANCES; instance++) {
      for (let shard = 0; shard < 5; shard++) {
        const place = `instance="i${instance}",shard="s${shard}"`;
        lines.push(`live_queue_length{${place}} ${(sent * (instance + 3)) % 17}`);
        for (let code = 0; code < 10; code++) {
          const value = sent * (instance + code + 1);
          lines.push(`live_requests_total{${place},code="c${code}"} ${value}`);
        }
      }
    }
    void fetch(`${address}/ingest?job=live`, { method: "POST", body: `${lines.join("\n")}\n` });
  };
  send();
  const timer = setInterval(send, SENT_EVERY_MS);
  return () => clearInterval(timer);
}

function seconds(what: string, value: number): Figure {
  return { what, value: rounded(value), unit: "s" };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
