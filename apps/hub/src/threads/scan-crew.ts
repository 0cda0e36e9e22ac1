import { BroadcastChannel } from "node:worker_threads";
import { type OfferedScan, type ScanCrew, ScanHelp } from "@hms-ops/query";
import type { SharedSeries, TsdbReader } from "@hms-ops/stores/tsdb";
import { LARGE_QUERY_BYTES } from "../limits.ts";
import type { CrewSeat, QueryFlag } from "./calls.ts";
import { collectGarbage } from "./garbage.ts";
import { queryBudget } from "./reader-budget.ts";

interface Offer extends OfferedScan {
  readonly flag: QueryFlag;
}

/**
 * Large scans are offered to all query threads on a channel; whoever is idle takes slices, the one
 * that asked takes the others. Nobody waits for a thread that is busy.
 */
export class ReaderCrew {
  readonly #reader: TsdbReader;
  readonly #channel: BroadcastChannel;
  readonly #begin: number;

  constructor(reader: TsdbReader, { channelName, place, places }: CrewSeat) {
    this.#reader = reader;
    this.#channel = new BroadcastChannel(channelName);
    this.#begin = (place ?? 0) / places;
    if (place === undefined) return;
    this.#channel.onmessage = (event) =>
      this.#help((event as unknown as { readonly data: Offer }).data);
  }

  /** For the query with this flag. */
  of(flag: QueryFlag): ScanCrew {
    return {
      begin: this.#begin,
      offer: (offered) => this.#channel.postMessage({ ...offered, flag } satisfies Offer),
    };
  }

  #help({ snapshot, scan, flag }: Offer): void {
    const attached = this.#reader.attach(snapshot as SharedSeries);
    if (!attached) return;
    const help = new ScanHelp(scan, this.#begin);
    const budget = queryBudget(flag);
    // One slice at a time: this thread's own queries come first.
    const work = () => {
      const isMore = help.readSlice((range, order) => attached.read(range, order, budget), budget);
      if (isMore) {
        setImmediate(work);
        return;
      }
      attached.close();
      if (budget.spentBytes > LARGE_QUERY_BYTES) collectGarbage();
    };
    work();
  }
}
