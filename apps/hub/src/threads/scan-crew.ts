import { BroadcastChannel } from "node:worker_threads";
import { type OfferedScan, type ScanCrew, ScanHelp } from "@hms-ops/query";
import type { SharedSeries, TsdbReader } from "@hms-ops/stores/tsdb";
import type { CrewSeat, QueryFlag } from "./calls.ts";
import { collectGarbage } from "./garbage.ts";
import { readBudget } from "./reader-budget.ts";

/**
 * Of shared memory that was heard of: it lives until every thread that heard of it has collected its
 * garbage, and V8 counts it for none of them.
 */
const MOST_HEARD_BYTES = 64 * 1024 * 1024;

interface Offer extends OfferedScan {
  readonly flag: QueryFlag;
}

/**
 * Large scans are offered to all query threads on a channel; whoever is idle takes slices, the one
 * that asked takes the others. Nobody waits for a thread that is busy.
 */
export class ReaderCrew {
  readonly #reader: Pick<TsdbReader, "attach">;
  readonly #channelName: string;
  /** Of a thread that helps. To all others every offer would only be memory that they hold. */
  readonly #channel: BroadcastChannel | undefined;
  readonly #begin: number;
  /** Since the last collection. */
  #heardBytes = 0;

  constructor(reader: Pick<TsdbReader, "attach">, { channelName, place, places }: CrewSeat) {
    this.#reader = reader;
    this.#channelName = channelName;
    this.#begin = (place ?? 0) / places;
    if (place === undefined) return;
    this.#channel = new BroadcastChannel(channelName);
    this.#channel.onmessage = (event) =>
      this.#help((event as unknown as { readonly data: Offer }).data);
  }

  /** For the query with this flag. */
  of(flag: QueryFlag): ScanCrew {
    return { begin: this.#begin, offer: (offered) => this.#post({ ...offered, flag }) };
  }

  #post(offer: Offer): void {
    const channel = this.#channel ?? new BroadcastChannel(this.#channelName);
    channel.postMessage(offer);
    if (channel !== this.#channel) channel.close();
  }

  #help({ snapshot, scan, newBytes, flag }: Offer): void {
    const shared = snapshot as SharedSeries;
    this.#heardBytes += shared.head.places.byteLength + newBytes;
    const attached = this.#attach(shared);
    if (!attached) {
      this.#forget();
      return;
    }
    const help = new ScanHelp(scan, this.#begin);
    const budget = readBudget(flag);
    // One slice at a time: this thread's own queries come first.
    const work = () => {
      const isMore = help.readSlice((range, order) => attached.read(range, order, budget), budget);
      if (isMore) {
        setImmediate(work);
        return;
      }
      attached.close();
      this.#forget();
    };
    work();
  }

  /** Undefined: the one who offered it reads all of it. */
  #attach(shared: SharedSeries): ReturnType<TsdbReader["attach"]> {
    try {
      return this.#reader.attach(shared);
    } catch {
      // Its query ended before this thread had time, and files of its blocks are gone.
      return undefined;
    }
  }

  #forget(): void {
    if (this.#heardBytes < MOST_HEARD_BYTES) return;
    this.#heardBytes = 0;
    // When it runs nothing refers to the offer any more.
    setImmediate(collectGarbage);
  }
}
