import { OpsError, type TimeRange } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import type { HubRequest, HubResponse, StopSignal } from "../ports.ts";
import { writtenJsonAnswer } from "./json-answer.ts";
import { ALL_TIME, naming, readLimit, readTimeParameter } from "./parameters.ts";

/** A list whose answer comes as the bytes of its JSON. */
export interface EncodedListing {
  readonly kind: "series" | "labels" | "values";
  readonly labelName: string;
  readonly matches: readonly string[];
  readonly range: TimeRange;
  readonly limit: number;
}

export interface EncodedListings {
  encodedListing(
    listing: EncodedListing,
    limits: { readonly signal?: StopSignal },
  ): Promise<Uint8Array | AsyncIterable<Uint8Array>>;
}

/** `/api/v1/series`, `/api/v1/labels`, `/api/v1/label/:name/values`. */
export class SeriesApi {
  readonly #listings: EncodedListings;

  constructor(listings: EncodedListings) {
    this.#listings = listings;
  }

  readonly series = async (request: HubRequest): Promise<HubResponse> => {
    const form = await request.form();
    if (!form.has("match[]")) throw new OpsError(HUB_ERRORS.noMatch);
    return await this.#answer(request, form, "series", "");
  };

  readonly labels = async (request: HubRequest): Promise<HubResponse> =>
    await this.#answer(request, await request.form(), "labels", "");

  readonly labelValues = async (request: HubRequest): Promise<HubResponse> => {
    const labelName = unescapeName(request.params.name ?? "");
    if (labelName === "" || !labelName.isWellFormed()) {
      throw new OpsError(HUB_ERRORS.badLabelName, { name: labelName });
    }
    return await this.#answer(request, request.query, "values", labelName);
  };

  async #answer(
    { signal }: HubRequest,
    form: URLSearchParams,
    kind: EncodedListing["kind"],
    labelName: string,
  ): Promise<HubResponse> {
    const limit = readLimit(form);
    const fromMs = readTimeParameter(form, "start", ALL_TIME.fromMs);
    const toMs = readTimeParameter(form, "end", ALL_TIME.toMs);
    const matches = form.getAll("match[]");
    const listing = { kind, labelName, matches, range: { fromMs, toMs }, limit };
    const answer = this.#listings.encodedListing(listing, { signal });
    const body = await (kind === "series" ? naming("match[]", answer) : answer);
    return writtenJsonAnswer(body);
  }
}

/**
 * `U__http_2e_status__code` is `http.status_code`; what does not follow the rule is taken as it
 * stands.
 */
function unescapeName(name: string): string {
  if (!name.startsWith("U__")) return name;
  const escaped = name.slice(3);
  if (!/^([A-Za-z0-9:]|__|_[0-9a-fA-F]{1,6}_)*$/.test(escaped)) return name;
  return escaped.replace(/__|_([0-9a-fA-F]+)_/g, (_, hex?: string) =>
    hex === undefined ? "_" : codePoint(hex),
  );
}

function codePoint(hex: string): string {
  const code = Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}
