import { OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { ANSWER_PIECE_BYTES } from "../limits.ts";
import type { AnswerPiece } from "./calls.ts";

type Pieces = Iterator<Uint8Array<ArrayBuffer>, void>;

/** Answers of a reader thread that are longer than a piece: each goes on when it is asked for. */
export class HeldAnswers {
  readonly #rests = new Map<number, Pieces>();
  #lastId = 0;

  /** The first piece of an answer, and a number where there may be more. */
  open(pieces: Pieces): AnswerPiece {
    const first = pieces.next();
    const piece = first.value ?? new Uint8Array(0);
    if (first.done || piece.length < ANSWER_PIECE_BYTES) return { piece, restId: 0 };
    const restId = ++this.#lastId;
    this.#rests.set(restId, pieces);
    return { piece, restId };
  }

  /** Undefined after the last one. */
  next(restId: number): Uint8Array<ArrayBuffer> | undefined {
    const pieces = this.#rests.get(restId);
    if (!pieces) throw new OpsError(HUB_ERRORS.queryCanceled);
    const { value } = pieces.next();
    return value ?? undefined;
  }

  /** To be called for each that has a number. */
  close(restId: number): void {
    this.#rests.delete(restId);
  }
}
