import type { Clock, Matcher, QueryBudget } from "@hms-ops/model";
import type { PinReply } from "@hms-ops/stores/tsdb";
import {
  LIGHT_ANSWER_BYTES,
  LIGHT_PIN_MS,
  LIGHT_QUERY_BYTES,
  LIGHT_QUERY_MS,
  LIGHT_QUERY_SAMPLES,
} from "../limits.ts";
import type { AnswerPiece, PlainEncodedQuery } from "./calls.ts";

/** What a thread saw of a query. */
export interface QueryCost extends AnswerPiece {
  readonly tookMs: number;
}

/**
 * Whether a query took so little that main may answer it the next time. One that was answered from
 * what is kept of it may take more then: `lightBudget` bounds how much.
 */
export function isLightAnswer(
  { shortForms, format }: PlainEncodedQuery,
  { tookMs, piece, restId }: QueryCost,
): boolean {
  const isSmall = restId === 0 && piece.length <= LIGHT_ANSWER_BYTES;
  return tookMs <= LIGHT_QUERY_MS && isSmall && !shortForms && format !== "arrow";
}

/** Whether new series are found in one's list alone, however many come. */
export function areNarrow(selectors: readonly (readonly Matcher[])[]): boolean {
  const isFound = ({ operator, value }: Matcher) => operator === "=" && value !== "";
  return selectors.every((matchers) => matchers.some(isFound));
}

/** A query turned out to be more than main may work on; a thread has to answer it. */
export class TooMuchForMain extends Error {}

/** Rejects with `TooMuchForMain` where the writer lets one wait; the pin that comes late goes back. */
export async function pinSoon(
  clock: Clock,
  pin: Promise<PinReply>,
  unpin: (pinId: number) => void,
): Promise<PinReply> {
  return await new Promise((resolve, reject) => {
    let isLate = false;
    const forget = clock.after(LIGHT_PIN_MS, () => {
      isLate = true;
      reject(new TooMuchForMain());
    });
    pin.then((reply) => {
      forget();
      if (isLate) unpin(reply.pinId);
      else resolve(reply);
    }, reject);
  });
}

/** Throws `TooMuchForMain`. */
export function lightBudget(): QueryBudget {
  let samplesLeft = LIGHT_QUERY_SAMPLES;
  let bytesLeft = LIGHT_QUERY_BYTES;
  return {
    spend: (samples, bytes) => {
      samplesLeft -= samples;
      bytesLeft -= bytes;
      if (samplesLeft < 0 || bytesLeft < 0) throw new TooMuchForMain();
    },
  };
}
