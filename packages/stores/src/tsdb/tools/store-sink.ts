import { OpsError } from "@hms-ops/model";
import { STORE_ERRORS } from "../../errors.ts";
import { openTsdb } from "../tsdb.ts";
import type { ImportSink } from "./import-batches.ts";
import type { ToolContext } from "./open-for-reading.ts";

export interface StoreSink {
  readonly append: ImportSink;
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
    for (;;) {
      try {
        return await store.append(batch);
      } catch (error) {
        const isFull = error instanceof OpsError && error.code === STORE_ERRORS.overloaded.code;
        if (!isFull) throw error;
        await store.maintain();
      }
    }
  };
  const close = async () => {
    await store.maintain({ flush: true });
    await store.close();
  };
  return { append, close };
}
