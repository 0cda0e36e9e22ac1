import type { Clock } from "@hms-ops/model";
import { acceptedEscaping, type NameEscaping } from "@hms-ops/wire/exposition";
import { DEFAULT_LOOKBACK_MS } from "../limits.ts";
import type { HubRequest, HubResponse, StopSignal } from "../ports.ts";

export interface FederationQuestion {
  /** Selectors as text, joined by "or". */
  readonly matches: readonly string[];
  readonly nowMs: number;
  readonly lookbackMs: number;
  /** Added where a series has none of that name. */
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly escaping: NameEscaping;
}

export interface FederationSources {
  readonly clock: Clock;
  readonly externalLabels: () => Readonly<Record<string, string>>;
  readonly federate: (
    question: FederationQuestion,
    limits: { readonly signal: StopSignal },
  ) => Promise<Uint8Array | AsyncIterable<Uint8Array>>;
}

/** `/federate`: the newest samples as exposition text, for another Prometheus to scrape. */
export class FederationApi {
  readonly #sources: FederationSources;

  constructor(sources: FederationSources) {
    this.#sources = sources;
  }

  readonly federate = async ({ query, headers, signal }: HubRequest): Promise<HubResponse> => {
    const { clock, externalLabels, federate } = this.#sources;
    const escaping = acceptedEscaping(headers.accept);
    const question = {
      matches: query.getAll("match[]"),
      nowMs: clock.now(),
      lookbackMs: DEFAULT_LOOKBACK_MS,
      externalLabels: externalLabels(),
      escaping,
    };
    const type = `text/plain; version=0.0.4; charset=utf-8; escaping=${escaping}`;
    const body = await federate(question, { signal });
    return { status: 200, headers: { "content-type": type }, body };
  };
}
