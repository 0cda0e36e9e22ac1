import { randomBytes } from "node:crypto";
import type { Clock } from "@hms-ops/model";
import { EVALUATION_TIMEOUT_MS, LiveQueries } from "../live/index.ts";
import type { SelfMetrics } from "../ports.ts";
import type { ReaderThreads } from "../threads/reader-threads.ts";

export interface LiveParts {
  readonly clock: Clock;
  readonly metrics: SelfMetrics;
  readonly readers: ReaderThreads;
}

/** Live queries that the query threads answer. */
export function liveQueries({ clock, metrics, readers }: LiveParts): LiveQueries {
  return new LiveQueries({
    clock,
    metrics,
    newStreamId: () => randomBytes(16).toString("hex"),
    evaluate: async ({ expr, stepMs, spanMs, lookbackMs, shortForms }, grid, signal) => {
      const asked = { expr, grid, instant: false, lookbackMs, shortForms };
      const encoding = { limit: 0, withStats: false, warnings: [], format: "json" } as const;
      // New steps would drive the whole answer out, which the next viewer can use.
      const nocache = grid.count < Math.floor(spanMs / stepMs);
      const limits = { signal, nocache, timeoutMs: EVALUATION_TIMEOUT_MS };
      const body = await readers.encoded({ ...asked, ...encoding }, limits);
      return body instanceof Uint8Array ? body : await whole(body);
    },
  });
}

async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
