import { type MetricStore, OpsError } from "@hms-ops/model";
import { STORE_ERRORS } from "../../../errors.ts";
import { openTsdb } from "../../tsdb.ts";
import type { ToolContext } from "../open-for-reading.ts";
import type { ImportSink } from "./import-batches.ts";

const WAIT_MS = 50;
/** Half a minute: a disk that is full stays so. */
const TRIES = 600;

export interface StoreSink {
  readonly append: ImportSink;
  /** What was appended is seen by the next one. */
  readonly snapshot: MetricStore["snapshot"];
  /** Writes what is in memory to blocks and closes the store. */
  close(): Promise<void>;
}

/**
 * Opens a store to import into. Rows of any age are taken; what is beyond a hub's retention goes
 * when that hub runs. The caller holds the folder's lock.
 */
export async function openStoreSink(folder: string, context: ToolContext): Promise<StoreSink> {
  const store = await openTsdb({ ...context, folder, retentionMs: Number.POSITIVE_INFINITY });
  const append: ImportSink = async (batch) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await store.append(batch);
      } catch (error) {
        const isFull = error instanceof OpsError && error.code === STORE_ERRORS.overloaded.code;
        if (!isFull || attempt === TRIES) throw error;
        await store.maintain();
        // Where flushing fails, it is due again only after a while.
        await new Promise<void>((resolve) => context.clock.after(WAIT_MS, resolve));
      }
    }
  };
  const close = async () => {
    await store.maintain({ flush: true });
    await store.close();
  };
  return { append, snapshot: (request) => store.snapshot(request), close };
}
