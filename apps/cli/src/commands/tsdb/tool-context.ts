import { randomBytes } from "node:crypto";
import { type Clock, seededRandom } from "@hms-ops/model";
import type { ToolContext } from "@hms-ops/stores/tsdb/tools";

const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

/** What the store's tools need of this process. */
export function toolContext(): ToolContext {
  return { clock: systemClock, random: seededRandom(randomBytes(4).readInt32LE()) };
}
