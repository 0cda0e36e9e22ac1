import { ANSWER_BUFFER_BYTES } from "../limits.ts";
import type { AnswerPiece, QueryFlag, ReaderCalls } from "./calls.ts";
import type { Thread } from "./thread.ts";

type Reader = Pick<Thread<ReaderCalls>, "call">;

/** Keeps a thread and a deadline while the work goes on. */
export type HoldReader = (
  work: (thread: Reader, flag: QueryFlag) => Promise<void>,
) => Promise<void>;

export type AnswerBody = Uint8Array<ArrayBuffer> | AsyncGenerator<Uint8Array, void>;

/**
 * An answer as one piece, or as many as it takes: those are fetched ahead of a slow caller up to a
 * bound, then its thread waits for it until the query's deadline.
 */
export function streamedAnswer(
  open: (thread: Reader, flag: QueryFlag) => Promise<AnswerPiece>,
  hold: HoldReader,
): Promise<AnswerBody> {
  const opened = Promise.withResolvers<AnswerBody>();
  let buffer: PieceBuffer | undefined;
  const held = hold(async (thread, flag) => {
    const { piece, restId } = await open(thread, flag);
    if (restId === 0) {
      opened.resolve(piece);
      return;
    }
    buffer = new PieceBuffer();
    await buffer.push(piece);
    opened.resolve(buffer.pieces());
    try {
      while (!buffer.isOver) {
        const next = await thread.call("nextPiece", [restId]);
        if (next === undefined) break;
        await buffer.push(next);
      }
      buffer.finish();
    } finally {
      await thread.call("closePieces", [restId]);
    }
  });
  held.catch((error: unknown) => {
    opened.reject(error);
    buffer?.fail(error);
  });
  return opened.promise;
}

/** Pieces that wait for their caller. */
class PieceBuffer {
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #isFinished = false;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  /** The caller has gone, or something failed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Settles when there is room for more. */
  async push(piece: Uint8Array): Promise<void> {
    this.#waiting.push(piece);
    this.#bytes += piece.length;
    this.#changed();
    while (this.#bytes > ANSWER_BUFFER_BYTES && !this.#isOver) await this.#change();
  }

  finish(): void {
    this.#isFinished = true;
    this.#changed();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#isOver = true;
    this.#changed();
  }

  async *pieces(): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        const piece = this.#waiting.shift();
        if (piece) {
          this.#bytes -= piece.length;
          this.#changed();
          yield piece;
        } else if (this.#failure) throw this.#failure.error;
        else if (this.#isFinished) return;
        else await this.#change();
      }
    } finally {
      this.#isOver = true;
      this.#waiting = [];
      this.#changed();
    }
  }

  /** The one who fetches and the one who takes never wait at the same time. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #changed(): void {
    this.#wake();
  }
}
