import { BroadcastChannel } from "node:worker_threads";
import { OpsError } from "@hms-ops/model";
import type { TsdbReader } from "@hms-ops/stores/tsdb";
import { expect, it } from "vitest";
import { HUB_ERRORS } from "../errors.ts";
import { ReaderCrew } from "./scan-crew.ts";

const OFFER = {
  snapshot: { head: { places: new Uint32Array(0) } },
  scan: { cells: new ArrayBuffer(0) },
  flag: new SharedArrayBuffer(4),
};

it("an offer whose snapshot was closed before it came is let go, and the next one is heard", async () => {
  const channelName = "scans of a test";
  let heard = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const attach: TsdbReader["attach"] = () => {
    if (++heard === 2) resolve();
    throw new OpsError(HUB_ERRORS.queryCanceled);
  };
  new ReaderCrew({ attach }, { channelName, place: 0, places: 2 });
  const asking = new BroadcastChannel(channelName);
  asking.postMessage(OFFER);
  asking.postMessage(OFFER);
  await promise;
  expect(heard).toBe(2);
  asking.close();
});
