import type { ReadResponseKind } from "@hms-ops/wire/remote-read";
import type { QueryFlag, ReaderCalls } from "./calls.ts";
import type { OpenedRead } from "./remote-reads.ts";
import type { Thread } from "./thread.ts";

export interface RemoteReadAnswer {
  readonly kind: ReadResponseKind;
  /** The first one tells whether the query can be answered at all; to be read to the end or ended. */
  readonly pieces: AsyncGenerator<Uint8Array, void>;
}

type Reader = Pick<Thread<ReaderCalls>, "call">;

/** Keeps a thread and a deadline while the work goes on. */
export type HoldThread = (
  work: (thread: Reader, flag: QueryFlag) => Promise<void>,
) => Promise<void>;

/** Asks a reader thread for one piece after the other: a slow caller makes it wait, not fill up. */
export async function openRemoteRead(
  body: Uint8Array<ArrayBuffer>,
  hold: HoldThread,
): Promise<RemoteReadAnswer> {
  const opened = Promise.withResolvers<{ readonly thread: Reader; readonly read: OpenedRead }>();
  const over = Promise.withResolvers<void>();
  let failure: unknown;
  const held = hold(async (thread, flag) => {
    const read = await thread.call("openRead", [{ body, flag }]);
    opened.resolve({ thread, read });
    await over.promise;
    await thread.call("closeRead", [read.id]);
  });
  held.catch((error: unknown) => {
    failure = error;
    opened.reject(error);
    // Cancelled or past its deadline: the thread is free again.
    over.resolve();
  });
  const { thread, read } = await opened.promise;
  async function* pieces(): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        const piece = await thread.call("readPiece", [read.id]);
        if (failure !== undefined) throw failure;
        if (piece === undefined) return;
        yield piece;
      }
    } finally {
      over.resolve();
    }
  }
  return { kind: read.kind, pieces: pieces() };
}
