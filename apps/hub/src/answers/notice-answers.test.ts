import type { MetricStoreStats } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import type { Refusal } from "@hms-ops/wire/api";
import { expect, it } from "vitest";
import { noticeAnswers } from "./notice-answers.ts";

it("what was refused, damage and a short disk are told until they are mended", async () => {
  let stats: Partial<MetricStoreStats> = {
    damaged: [{ name: "00000001-0-1", problem: "its checksum is wrong" }],
    details: { growth_bytes_per_day: 1_000 },
  };
  let refusals: readonly Refusal[] = [
    { part: "configuration", reason: "line 3", mend: "" },
    { part: "rules", reason: "a.yaml:1:1", mend: "" },
  ];
  const { answers } = noticeAnswers({
    clock: new FakeClock(),
    options: { retentionMs: 30 * 86_400_000, retentionSize: { share: 0.8 } },
    folder: { space: async () => ({ freeBytes: 5_000, totalBytes: 10_000 }) },
    threads: { stats: async () => stats as MetricStoreStats },
    refusals: () => refusals,
  });
  const texts = async () => {
    const { data } = JSON.parse(String((await answers.notices()).body));
    return data.map(({ text }: { readonly text: string }) => text);
  };
  expect(await texts()).toEqual([
    "Configuration reload has failed.",
    "The rule files have an error: the rules from before it keep running.",
    "Damage in the metric store was set aside: 00000001-0-1.",
    "The disk will be full before the oldest samples go.",
  ]);
  refusals = [];
  stats = { details: {} };
  expect(await texts()).toEqual([]);
});

it("a disk that holds what the size of retention allows is none to tell of", async () => {
  const told = async (share: number) => {
    const { answers } = noticeAnswers({
      clock: new FakeClock(),
      options: { retentionMs: 30 * 86_400_000, retentionSize: { share } },
      folder: { space: async () => ({ freeBytes: 5_000, totalBytes: 10_000 }) },
      threads: {
        stats: async () =>
          ({
            details: { growth_bytes_per_day: 1_000, block_bytes: 1_000 },
          }) as Partial<MetricStoreStats> as MetricStoreStats,
      },
      refusals: () => [],
    });
    return JSON.parse(String((await answers.notices()).body)).data.length;
  };
  expect([await told(0.6), await told(0.7)]).toEqual([0, 1]);
});
