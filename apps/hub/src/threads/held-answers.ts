import { OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { ANSWER_PIECE_BYTES } from "../limits.ts";
import type { AnswerPiece } from "./calls.ts";

type Pieces = Iterator<Uint8Array<ArrayBuffer>, void>;

interface Rest {
  readonly pieces: Pieces;
  readonly onEnd: () => void;
}

/** Answers of a reader thread that are longer than a piece: each goes on when it is asked for. */
export class HeldAnswers {
  readonly #rests = new Map<number, Rest>();
  #lastId = 0;

  /**
   * The first piece of an answer, and a number where there may be more. `onEnd` is called when
   * nothing of the answer is held any more.
   */
  open(pieces: Pieces, onEnd: () => void = () => {}): AnswerPiece {
    let first: IteratorResult<Uint8Array<ArrayBuffer>, void>;
    try {
      first = pieces.next();
    } catch (error) {
      onEnd();
      throw error;
    }
    const piece = first.value ?? new Uint8Array(0);
    if (first.done || piece.length < ANSWER_PIECE_BYTES) {
      onEnd();
      return { piece, restId: 0 };
    }
    const restId = ++this.#lastId;
    this.#rests.set(restId, { pieces, onEnd });
    return { piece, restId };
  }

  /** Undefined after the last one. */
  next(restId: number): Uint8Array<ArrayBuffer> | undefined {
    const rest = this.#rests.get(restId);
    if (!rest) throw new OpsError(HUB_ERRORS.queryCanceled);
    const { value } = rest.pieces.next();
    return value ?? undefined;
  }

  /** To be called for each that has a number. */
  close(restId: number): void {
    const rest = this.#rests.get(restId);
    this.#rests.delete(restId);
    rest?.onEnd();
  }
}
