import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { type CampaignResult, type Figures, type SeedWork, sumOf } from "./campaign.ts";

/**
 * Each store has megabytes of shared memory, which V8 does not count: stores that are gone are no
 * reason for it to collect.
 */
const RUNS_PER_COLLECTION = 2;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Runs its share of a campaign and stops at the first broken promise. */
async function runShare({ module, seeds }: SeedWork): Promise<CampaignResult> {
  const { run } = (await import(module)) as { run: (seed: number) => Promise<Figures> };
  let figures: Figures = {};
  for (const [done, seed] of seeds.entries()) {
    if (done % RUNS_PER_COLLECTION === 0) collect();
    try {
      figures = sumOf([figures, await run(seed)]);
    } catch (error) {
      return { figures, failures: [`seed ${seed}: ${textOf(error)}`] };
    }
  }
  return { figures, failures: [] };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.stack ?? error.message;
  return error.cause === undefined ? text : `${text}\nbecause of ${textOf(error.cause)}`;
}

parentPort?.postMessage(await runShare(workerData as SeedWork));
