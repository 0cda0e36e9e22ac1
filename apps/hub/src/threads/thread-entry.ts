import { parentPort, workerData } from "node:worker_threads";
import { bug } from "@hms-ops/model";
import type { Calls } from "./calls.ts";
import { standBack } from "./niceness.ts";
import { answerCalls } from "./rpc.ts";

/** What a thread is told when it starts. */
export interface ThreadStart {
  /** See `standBack`. */
  readonly niceness: number;
}

/** To be called by a thread's entry: it takes its place behind other threads, and answers. */
export function answerParent<C extends Calls>(calls: C): void {
  const { niceness } = workerData as ThreadStart;
  standBack(niceness);
  answerCalls(parentPort ?? bug("a thread's entry was started as a program"), calls);
}
