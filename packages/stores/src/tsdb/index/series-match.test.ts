import {
  formatLabels,
  labelsOf,
  type Matcher,
  matcher,
  seededRandom,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { ALL_TIME, BatchWriter, type SeriesRecord } from "@hms-ops/model/testing";
import { expect, it } from "vitest";
import { matchesAll, valueTest } from "../../matching.ts";
import type { Tsdb } from "../index.ts";
import { freshFolder } from "../testing/fresh-folder.test.tools.ts";
import { openTestTsdb } from "../testing/open-store.test.tools.ts";

const MATCHERS: readonly Matcher[] = [
  matcher("__name__", "=", "common"),
  matcher("__name__", "=", "rare"),
  matcher("__name__", "=", "unknown"),
  matcher("__name__", "=~", "common|rare|unknown"),
  matcher("__name__", "!=", "common"),
  matcher("job", "=", "j3"),
  matcher("job", "=~", "j[1-4]"),
  matcher("job", "!~", "j[1-4]"),
  matcher("job", "!~", "j1|j2"),
  matcher("job", "!=", ""),
  matcher("job", "=", ""),
  matcher("job", "=~", "j1|"),
  matcher("pod", "=~", "pod-1\\d.*"),
  matcher("pod", "=~", ".*7"),
  matcher("pod", "!~", "pod-1.*"),
  matcher("pod", "!=", ""),
  matcher("pod", "=", "pod-77"),
  matcher("absent", "=", ""),
  matcher("absent", "!=", ""),
  matcher("absent", "=~", ".*"),
];

function seriesOf(i: number): SeriesRecord {
  const name = i % 97 === 0 ? "rare" : i % 3 ? "common" : `name-${i % 10}`;
  return {
    __name__: name,
    i: String(i),
    ...(i % 4 ? { job: `j${i % 13}` } : {}),
    ...(i % 3 ? { pod: `pod-${i}` } : {}),
  };
}

async function append(store: Tsdb, from: number, to: number): Promise<SeriesRecord[]> {
  const batch = new BatchWriter(store);
  const added = Array.from({ length: to - from }, (_, i) => seriesOf(from + i));
  for (const series of added) batch.add(labelsOf(series), [[1, 1]]);
  await store.append(batch.builder.build());
  return added;
}

async function compare(store: Tsdb, all: readonly SeriesRecord[], matchers: readonly Matcher[]) {
  const tests = matchers.map(valueTest);
  const expected = all.map(labelsOf).filter((labels) => matchesAll(labels, tests));
  const request = { matchers, range: ALL_TIME, budget: UNLIMITED_BUDGET };
  const snapshot = await store.snapshot(request);
  snapshot.close();
  expect(snapshot.series.map(formatLabels)).toEqual(expected.map(formatLabels));
}

it("[READ7] series are found whichever way, also those that come after a pattern was remembered", async () => {
  const folder = freshFolder();
  const store = await openTestTsdb(folder);
  const random = seededRandom(11);
  const all: SeriesRecord[] = [];
  for (const count of [50, 2_500, 3_000]) {
    all.push(...(await append(store, all.length, count)));
    for (const one of MATCHERS) await compare(store, all, [one]);
    for (let i = 0; i < 60; i++) {
      const matchers = Array.from({ length: 2 + random.below(2) }, () => random.pick(MATCHERS));
      await compare(store, all, matchers);
    }
  }
  await store.close();
});
