import { OpsError, type QueryBudget } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_QUERY_BYTES, MAX_QUERY_SAMPLES, MAX_STREAMED_SAMPLES } from "../limits.ts";
import { QUERY_CANCELED, QUERY_TIMED_OUT, type QueryFlag } from "./calls.ts";
import { collectGarbageIfLarge } from "./garbage.ts";

/** A query that spent so much is looked at for what it left. */
const LOOK_EVERY_BYTES = 8 * 1024 * 1024;

export interface CountedBudget extends QueryBudget {
  /** What was kept, and what only went by: its memory is not all given back at once either. */
  readonly seenBytes: number;
}

/** Ends a query when its shared flag says so, or when it takes more than one query may. */
export function queryBudget(flag: QueryFlag): CountedBudget {
  return budgetOf(flag, MAX_QUERY_SAMPLES, (_, bytes) => bytes);
}

/** The same where samples only pass, in a remote read or a scan: what is no sample is kept. */
export function readBudget(flag: QueryFlag): CountedBudget {
  return budgetOf(flag, MAX_STREAMED_SAMPLES, (samples, bytes) => (samples > 0 ? 0 : bytes));
}

function budgetOf(
  flag: QueryFlag,
  samplesMax: number,
  keptBytes: (samples: number, bytes: number) => number,
): CountedBudget {
  const word = new Int32Array(flag);
  let samplesLeft = samplesMax;
  let bytesLeft = MAX_QUERY_BYTES;
  let seenBytes = 0;
  let unlooked = 0;
  return {
    get seenBytes() {
      return seenBytes;
    },
    spend: (samples, bytes) => {
      const stop = Atomics.load(word, 0);
      if (stop === QUERY_CANCELED) throw new OpsError(HUB_ERRORS.queryCanceled);
      if (stop === QUERY_TIMED_OUT) throw new OpsError(HUB_ERRORS.queryTimedOut);
      samplesLeft -= samples;
      bytesLeft -= keptBytes(samples, bytes);
      seenBytes += bytes;
      unlooked += bytes;
      if (unlooked > LOOK_EVERY_BYTES) {
        unlooked = 0;
        collectGarbageIfLarge();
      }
      if (samplesLeft < 0 || bytesLeft < 0) throw new OpsError(HUB_ERRORS.tooManySamples);
    },
  };
}
