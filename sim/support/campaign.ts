import { appendFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** Of the campaign: given by HMS_OPS_SEED, else the fixed one of `npm test`. */
export const SEED = Number(process.env.HMS_OPS_SEED ?? 20_261_121);

/** How often to do a thing: the full count under `npm run prove`, about 1 % of it in CI. */
export function campaign(variable: string, inCi: number): number {
  return Number(process.env[variable] ?? inCi);
}

/** What a proof counted; kept in proof/<name>.json when `npm run prove` asked. */
export function reportFigures(figures: Readonly<Record<string, number | string>>): void {
  const file = process.env.HMS_OPS_FIGURES;
  if (file) appendFileSync(file, `${JSON.stringify(figures)}\n`);
}

export type Figures = Readonly<Record<string, number>>;

export interface CampaignResult {
  /** Those of all runs, added up. */
  readonly figures: Figures;
  /** "seed 17: …", the first of each thread; empty when every promise held. */
  readonly failures: readonly string[];
}

/** What a thread is started with. */
export interface SeedWork {
  /** Exports `run(seed): Promise<Figures>`, which throws where a promise is broken. */
  readonly module: string;
  readonly seeds: readonly number[];
}

/** Runs a module's `run` with `count` seeds from the campaign's on, over all processors. */
export async function runSeeds(module: URL, count: number): Promise<CampaignResult> {
  const seeds = Array.from({ length: count }, (_, i) => (SEED + i) % 2 ** 31);
  const threads = Math.min(availableParallelism(), count);
  const results = await Promise.all(
    Array.from({ length: threads }, (_, thread) =>
      runInThread({
        module: module.href,
        seeds: seeds.filter((_, i) => i % threads === thread),
      }),
    ),
  );
  return {
    figures: sumOf(results.map(({ figures }) => figures)),
    failures: results.flatMap(({ failures }) => failures),
  };
}

function runInThread(work: SeedWork): Promise<CampaignResult> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL("./seeds.thread.ts", import.meta.url), { workerData: work });
    thread.once("message", resolve);
    thread.once("error", reject);
  });
}

export function sumOf(all: readonly Figures[]): Figures {
  const sums: Record<string, number> = {};
  for (const figures of all) {
    for (const [name, count] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}
