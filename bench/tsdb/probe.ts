import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { ProbeReading, ProbeTask } from "./probe.thread.ts";
import { short } from "./verdicts.ts";

const RULE_GROUP = "probe";
const RULES = `groups:
  - name: ${RULE_GROUP}
    interval: 1s
    rules:
      - record: probe:requests:sum
        expr: sum(probe_requests_total)
`;

/** What heavy work may add to the idle figures of acknowledgements and rules. */
export const MOST_MORE_AT_P99_MS = 20;
export const MOST_MORE_MS = 50;

/** In ms. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Gives a hub, before it starts in this folder, the rule whose runs a probe watches. */
export function writeProbeRules(hubFolder: string): void {
  const folder = join(hubFolder, "alerts");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "probe.yml"), RULES);
}

/** Sends small writes and watches a rule, in a thread of its own; see `probe.thread.ts`. */
export class Probe {
  readonly #worker: Worker;

  constructor(url: string) {
    const workerData: ProbeTask = { url, ruleGroup: RULE_GROUP };
    this.#worker = new Worker(new URL("probe.thread.ts", import.meta.url), { workerData });
  }

  /** What it has seen since it was asked last. */
  take(): Promise<ProbeReading> {
    return new Promise((resolve) => {
      this.#worker.once("message", resolve);
      this.#worker.postMessage("take");
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function spreadText({ p50, p99, max }: Spread): string {
  return [p50, p99, max].map(short).join(" / ");
}
