import { OpsError, type QueryBudget } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_QUERY_BYTES, MAX_QUERY_SAMPLES } from "../limits.ts";
import { QUERY_CANCELED, QUERY_TIMED_OUT, type QueryFlag } from "./calls.ts";

/** Ends a query when its shared flag says so, or when it takes more than one query may. */
export function queryBudget(flag: QueryFlag): QueryBudget {
  const word = new Int32Array(flag);
  let samplesLeft = MAX_QUERY_SAMPLES;
  let bytesLeft = MAX_QUERY_BYTES;
  return {
    spend: (samples, bytes) => {
      const stop = Atomics.load(word, 0);
      if (stop === QUERY_CANCELED) throw new OpsError(HUB_ERRORS.queryCanceled);
      if (stop === QUERY_TIMED_OUT) throw new OpsError(HUB_ERRORS.queryTimedOut);
      samplesLeft -= samples;
      bytesLeft -= bytes;
      if (samplesLeft < 0 || bytesLeft < 0) throw new OpsError(HUB_ERRORS.tooManySamples);
    },
  };
}
