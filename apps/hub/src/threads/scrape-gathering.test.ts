import { OpsError } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { expect, test } from "vitest";
import { HUB_ERRORS } from "../errors.ts";
import type { ExpositionOptions, ExpositionOutcome } from "../ports.ts";
import type { ScrapedBody, StoredScrape } from "./calls.ts";
import { writeError } from "./rpc.ts";
import { ScrapeGathering } from "./scrape-gathering.ts";

const OPTIONS: ExpositionOptions = {
  source: "",
  timeMs: 0,
  honorTimestamps: true,
  honorLabels: false,
  targetLabels: [],
  metricRelabel: [],
  sampleLimit: 0,
  trackStaleness: true,
  extra: [],
};

function outcomeOf(samplesScraped: number): ExpositionOutcome {
  return {
    ack: { accepted: samplesScraped, rejections: [] },
    samplesScraped,
    samplesAfterRelabel: samplesScraped,
    seriesAdded: 0,
    skippedLines: 0,
    firstProblem: "",
  };
}

/** Stores a body as so many samples as its first byte says. */
function storeAll(group: readonly ScrapedBody[]): readonly StoredScrape[] {
  return group.map(({ body }) => ({ outcome: outcomeOf(body[0] ?? 0) }));
}

function setUp(answer: (group: readonly ScrapedBody[]) => readonly StoredScrape[] = storeAll) {
  const clock = new FakeClock(1_700_000_000_000);
  const groups: string[] = [];
  const gathering = new ScrapeGathering({
    clock,
    store: async (group) => {
      groups.push(group.map(({ options }) => options.source).join(" "));
      return answer(group);
    },
  });
  const scrape = (source: string, body = new Uint8Array(1)) =>
    gathering.store(body, { ...OPTIONS, source });
  return { clock, groups, scrape };
}

test("one body after the other goes at once, many of a moment go together", async () => {
  const { clock, groups, scrape } = setUp();
  await scrape("a");
  await clock.advance(200);
  await scrape("b");
  const later = [scrape("c"), scrape("d")];
  expect(groups).toEqual(["a", "b"]);
  await clock.advance(160);
  later.push(scrape("e"));
  await clock.advance(39);
  expect(groups).toEqual(["a", "b"]);
  await clock.advance(1);
  await Promise.all(later);
  expect(groups).toEqual(["a", "b", "c d e"]);
});

test("a group that is large does not wait", async () => {
  const { groups, scrape } = setUp();
  await scrape("a");
  const both = [scrape("b", new Uint8Array(100_000)), scrape("c", new Uint8Array(40_000))];
  await Promise.all(both);
  expect(groups).toEqual(["a", "b c"]);
});

test("each is told apart how it fared", async () => {
  const refused = new OpsError(HUB_ERRORS.noSamples, { reason: "line 1" });
  const { clock, scrape } = setUp((group) =>
    group.map(({ options, body }) =>
      options.source === "bad"
        ? { error: writeError(refused) }
        : { outcome: outcomeOf(body[0] ?? 0) },
    ),
  );
  await scrape("first");
  const all = Promise.allSettled([
    scrape("good", new Uint8Array([7])),
    scrape("bad"),
    scrape("last", new Uint8Array([9])),
  ]);
  await clock.advance(200);
  expect(await all).toMatchObject([
    { status: "fulfilled", value: { samplesScraped: 7 } },
    { status: "rejected", reason: { code: refused.code, message: refused.message } },
    { status: "fulfilled", value: { samplesScraped: 9 } },
  ]);
});

test("when the writer is gone, all of the group are told", async () => {
  const { clock, scrape } = setUp(() => {
    throw new Error("gone");
  });
  await expect(scrape("a")).rejects.toThrow("gone");
  const both = Promise.allSettled([scrape("b"), scrape("c")]);
  await clock.advance(200);
  const reasons = (await both).map((one) => one.status === "rejected" && String(one.reason));
  expect(reasons).toEqual(["Error: gone", "Error: gone"]);
});
