import { metricStoreContract } from "@hms-ops/model/testing";
import { openTestTsdb } from "./testing/folder.test.tools.ts";
import { openThreadedStore } from "./testing/threaded-store.test.tools.ts";

metricStoreContract("the tsdb in one thread", () => openTestTsdb());
metricStoreContract("the tsdb across threads", openThreadedStore);
