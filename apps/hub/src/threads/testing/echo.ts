import { parentPort } from "node:worker_threads";
import { bug, OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../../errors.ts";
import { answerCalls } from "../rpc.ts";

/** A thread for tests: gives back, fails in both ways, waits for ever, ends. */
export type EchoCalls = {
  echo(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  refuse(): Promise<void>;
  fail(): Promise<void>;
  wait(): Promise<void>;
  end(): Promise<void>;
};

const calls: EchoCalls = {
  echo: async (bytes) => bytes,
  refuse: async () => {
    throw new OpsError(HUB_ERRORS.unknownBoard, { uid: "{x}" });
  },
  fail: async () => {
    throw new TypeError("a fault");
  },
  wait: () => new Promise(() => {}),
  end: async () => process.exit(7),
};

answerCalls(parentPort ?? bug("echo.ts is a thread's entry"), calls);
