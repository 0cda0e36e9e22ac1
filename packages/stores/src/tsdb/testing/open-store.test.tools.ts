import { seededRandom } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { openTsdb, type Tsdb, type TsdbOptions } from "../index.ts";

/** A store that keeps every time, however far off. */
export function testOptions(folder: string, more: Partial<TsdbOptions> = {}): TsdbOptions {
  return {
    folder,
    clock: new FakeClock(),
    random: seededRandom(1),
    retentionMs: Number.POSITIVE_INFINITY,
    ...more,
    limits: { aheadMs: Number.POSITIVE_INFINITY, ...more.limits },
  };
}

export function openTestTsdb(folder: string, more?: Partial<TsdbOptions>): Promise<Tsdb> {
  return openTsdb(testOptions(folder, more));
}
