import { metricStoreContract } from "@hms-ops/model/testing";
import { openTestTsdb } from "./testing/folder.test.tools.ts";

metricStoreContract("the tsdb in one thread", () => openTestTsdb());
