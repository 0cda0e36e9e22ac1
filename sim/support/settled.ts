/** Far more turns than any work on a disk in memory takes. */
const TURNS_MAX = 2_000;

/**
 * Waits until the work has settled, or its process has ended. Work that neither ends nor moves on
 * is a fault; `nudge` may move it on.
 */
export async function settled(
  work: Promise<unknown>,
  process: { readonly isDead: boolean },
  nudge: () => Promise<void> = async () => {},
): Promise<void> {
  let isSettled = false;
  let failure: unknown;
  work.then(
    () => {
      isSettled = true;
    },
    (error: unknown) => {
      isSettled = true;
      failure = error;
    },
  );
  for (let turn = 0; !isSettled; turn++) {
    if (turn > TURNS_MAX) throw new Error("something waits for ever");
    if (turn > 5 && process.isDead) return;
    if (turn % 20 === 19) await nudge();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  if (failure !== undefined && !process.isDead) throw failure;
}
