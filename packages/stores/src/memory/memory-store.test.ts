import { metricStoreContract } from "@hms-ops/model/testing";
import { openMemoryStore } from "./index.ts";

metricStoreContract("the memory store", async () => openMemoryStore());
