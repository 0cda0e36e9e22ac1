import type { Writable } from "node:stream";

/**
 * Writes bytes that nobody else holds, and gives their memory back when they are through. False:
 * whoever should take them has gone.
 */
export async function writePiece(to: Writable, piece: Uint8Array): Promise<boolean> {
  const isThrough = await new Promise<boolean>((resolve) => {
    to.write(piece, (error) => resolve(!error));
  });
  if (isThrough) giveBack(piece);
  return isThrough;
}

/**
 * What came from another thread counts as memory outside the heap: each 64 MB of it make V8 mark
 * all of main's heap to find a few arrays. Those are known here, so they go at once.
 */
function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0);
}
