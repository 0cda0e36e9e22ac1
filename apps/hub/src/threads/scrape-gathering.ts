import { bug, type Clock } from "@hms-ops/model";
import type { ExpositionOptions, ExpositionOutcome } from "../ports.ts";
import type { ScrapedBody, StoredScrape } from "./calls.ts";
import { readError } from "./rpc.ts";

/**
 * Time between two groups. Nobody waits for the acknowledgement of a scrape, and each group costs
 * the writer a message, a write and a sync.
 */
const GROUP_EVERY_MS = 200;
/** Of bodies as they were sent: a group keeps the writer from others' acknowledgements. */
const GROUP_BYTES_MAX = 128 * 1024;

export interface ScrapeGatheringOptions {
  readonly clock: Clock;
  /** Answers in the order of the bodies. */
  readonly store: (group: readonly ScrapedBody[]) => Promise<readonly StoredScrape[]>;
}

interface Waiting extends ScrapedBody {
  readonly resolve: (outcome: ExpositionOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Hands scraped bodies to the writer: one by one while they are few, in groups when they are many. */
export class ScrapeGathering {
  readonly #options: ScrapeGatheringOptions;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #lastGroupMs = Number.NEGATIVE_INFINITY;
  #forget: (() => void) | undefined;

  constructor(options: ScrapeGatheringOptions) {
    this.#options = options;
  }

  async store(
    body: Uint8Array<ArrayBuffer>,
    options: ExpositionOptions,
  ): Promise<ExpositionOutcome> {
    const settled = new Promise<ExpositionOutcome>((resolve, reject) => {
      this.#waiting.push({ body, options, resolve, reject });
    });
    this.#bytes += body.length;
    const { clock } = this.#options;
    const waitMs = this.#lastGroupMs + GROUP_EVERY_MS - clock.monotonicMs();
    if (waitMs <= 0 || this.#bytes >= GROUP_BYTES_MAX) void this.#send();
    else this.#forget ??= clock.after(waitMs, () => void this.#send());
    return await settled;
  }

  /** Of what waits, each is told how it fared; never rejects. */
  async #send(): Promise<void> {
    this.#forget?.();
    this.#forget = undefined;
    this.#lastGroupMs = this.#options.clock.monotonicMs();
    const group = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    try {
      const bodies = group.map(({ body, options }) => ({ body, options }));
      const stored = await this.#options.store(bodies);
      for (const [i, { resolve, reject }] of group.entries()) {
        const { outcome, error } = stored[i] ?? bug("a scraped body got no answer");
        if (outcome) resolve(outcome);
        else
          reject(error ? readError(error) : bug("a scraped body was neither stored nor refused"));
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
