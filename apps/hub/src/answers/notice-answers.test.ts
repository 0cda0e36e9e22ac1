import type { MetricStoreStats } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { expect, it } from "vitest";
import type { HubRequest } from "../ports.ts";
import { type NoticeParts, noticeAnswers } from "./notice-answers.ts";

const REQUEST = {} as HubRequest;
const PROBLEM = { line: 1, column: 1, code: "OPS-1500", message: "", mend: "" };

it("a failed reload, a bad rule file, damage and a short disk are told until they are mended", async () => {
  let isGood = false;
  let stats: Partial<MetricStoreStats> = {
    damaged: [{ name: "00000001-0-1", problem: "its checksum is wrong" }],
    details: { growth_bytes_per_day: 1_000 },
  };
  const problems: ReturnType<NoticeParts["rules"]["problems"]>[number][] = [
    { ...PROBLEM, file: "alerts/a.yaml", severity: "error" },
    { ...PROBLEM, file: "alerts/a.yaml", severity: "error", line: 2 },
    { ...PROBLEM, file: "alerts/b.yaml", severity: "warning" },
    { ...PROBLEM, file: "uploaded: c.yaml", severity: "error" },
  ];
  const { answers } = noticeAnswers({
    clock: new FakeClock(),
    retentionMs: 30 * 86_400_000,
    folder: { space: async () => ({ freeBytes: 5_000, totalBytes: 10_000 }) },
    threads: { stats: async () => stats as MetricStoreStats },
    rules: { folder: "alerts", problems: () => problems },
    reload: async () => {
      if (!isGood) throw new Error("line 3");
      return { status: 200 };
    },
  });
  const texts = async () => {
    const { data } = JSON.parse(String((await answers.notices()).body));
    return data.map(({ text }: { readonly text: string }) => text);
  };
  const lasting = [
    "The rule file alerts/a.yaml has an error: the rules from before it keep running.",
    "Damage in the metric store was set aside: 00000001-0-1.",
    "The disk will be full before the retention time is over.",
  ];
  expect(await texts()).toEqual(lasting);
  await expect(answers.reload(REQUEST)).rejects.toThrow("line 3");
  expect(await texts()).toEqual(["Configuration reload has failed.", ...lasting]);
  isGood = true;
  expect(await answers.reload(REQUEST)).toEqual({ status: 200 });
  stats = { details: {} };
  problems.length = 0;
  expect(await texts()).toEqual([]);
});
