import { metricStoreContract } from "@hms-ops/model/testing";
import { afterAll } from "vitest";
import { freshFolder } from "./testing/fresh-folder.test.tools.ts";
import { openTestTsdb } from "./testing/open-store.test.tools.ts";
import { ReaderThread } from "./testing/threaded-store.test.tools.ts";

const thread = new ReaderThread();

afterAll(async () => {
  await thread.end();
});

metricStoreContract("the tsdb in one thread", () => openTestTsdb(freshFolder()));
metricStoreContract("the tsdb across threads", () => thread.openStore(freshFolder()));
