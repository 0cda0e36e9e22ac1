import { getPriority } from "node:os";
import { OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../../errors.ts";
import { answerParent } from "../thread-entry.ts";

/** A thread for tests: gives back, tells its priority, fails in both ways, waits for ever, ends. */
export type EchoCalls = {
  echo(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  priority(): Promise<number>;
  refuse(): Promise<void>;
  fail(): Promise<void>;
  wait(): Promise<void>;
  end(): Promise<void>;
};

const calls: EchoCalls = {
  echo: async (bytes) => bytes,
  priority: async () => getPriority(),
  refuse: async () => {
    throw new OpsError(HUB_ERRORS.unknownBoard, { uid: "{x}" });
  },
  fail: async () => {
    throw new TypeError("a fault");
  },
  wait: () => new Promise(() => {}),
  end: async () => process.exit(7),
};

answerParent(calls);
