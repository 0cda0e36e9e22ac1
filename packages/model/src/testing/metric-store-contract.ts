import { describe } from "vitest";
import { appendContract } from "./metric-store-contract-append.ts";
import { deleteContract } from "./metric-store-contract-delete.ts";
import { exemplarContract } from "./metric-store-contract-exemplars.ts";
import { histogramContract } from "./metric-store-contract-histograms.ts";
import { readContract } from "./metric-store-contract-read.ts";
import { selectContract } from "./metric-store-contract-select.ts";
import type { OpenMetricStore, StatedLacks } from "./metric-store-contract-tools.ts";

export interface MetricStoreContractOptions {
  /** What the engine cannot do, each with its reason; those tests are skipped, by name. */
  readonly cannot?: StatedLacks;
}

/** What every `MetricStore` does, whatever engine stands behind it. Call it in a test file. */
export function metricStoreContract(
  name: string,
  open: OpenMetricStore,
  { cannot = {} }: MetricStoreContractOptions = {},
): void {
  describe(`${name} keeps the MetricStore contract`, () => {
    describe("append", () => appendContract(open, cannot));
    describe("read", () => readContract(open));
    describe("select", () => selectContract(open));
    describe("histograms", () => histogramContract(open, cannot.histograms));
    describe("delete", () => deleteContract(open, cannot.deletes));
    describe("exemplars", () => exemplarContract(open, cannot.exemplars));
  });
}
