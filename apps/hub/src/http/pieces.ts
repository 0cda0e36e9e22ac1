import type { Writable } from "node:stream";
import { giveBack } from "@hms-ops/model";

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
