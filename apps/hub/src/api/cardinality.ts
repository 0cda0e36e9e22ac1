import type { Clock } from "@hms-ops/model";
import type { Cardinality } from "@hms-ops/stores/tsdb";
import {
  CARDINALITY_BY,
  CARDINALITY_ORDERS,
  type CardinalityBy,
  type CardinalityOrder,
  type CardinalityReport,
} from "@hms-ops/wire/api";
import { MAX_CARDINALITY_ROWS } from "../limits.ts";
import type { HubRequest, HubResponse, StopSignal } from "../ports.ts";
import { jsonAnswer } from "./json-answer.ts";
import { badParameter, naming, readLimit } from "./parameters.ts";

const ROWS_DEFAULT = 50;

export interface CardinalityQuestion {
  readonly by: CardinalityBy;
  readonly order: CardinalityOrder;
  /** Selectors as text, joined by "or"; none = every series. */
  readonly matches: readonly string[];
  readonly nowMs: number;
  readonly limit: number;
}

export interface CardinalityReaders {
  cardinality(
    question: CardinalityQuestion,
    limits: { readonly signal: StopSignal },
  ): Promise<Cardinality>;
}

/** `/api/ops/v1/cardinality` */
export class CardinalityApi {
  readonly #readers: CardinalityReaders;
  readonly #clock: Clock;

  constructor(readers: CardinalityReaders, clock: Clock) {
    this.#readers = readers;
    this.#clock = clock;
  }

  readonly cardinality = async ({ query, signal }: HubRequest): Promise<HubResponse> => {
    const question = {
      by: oneOf("by", query.get("by") ?? "metric", CARDINALITY_BY),
      order: oneOf("order", query.get("order") ?? "series", CARDINALITY_ORDERS),
      matches: query.getAll("match[]"),
      nowMs: this.#clock.now(),
      limit: Math.min(readLimit(query) || ROWS_DEFAULT, MAX_CARDINALITY_ROWS),
    };
    const answer = this.#readers.cardinality(question, { signal });
    const { sinceMs = null, ...counted } = await naming("match[]", answer);
    const report: CardinalityReport = { nowMs: question.nowMs, sinceMs, ...counted };
    return jsonAnswer(report);
  };
}

function oneOf<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw badParameter(name, `${JSON.stringify(text)} is none of ${words.join(", ")}`);
}
