export function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Asks until it is so, or says that it never was. */
export async function until(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  limitMs = 60_000,
  pauseMs = 20,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    try {
      if (await isSo()) return;
    } catch {
      // Not there yet.
    }
    if (performance.now() > endMs) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await sleep(pauseMs);
  }
}

/** Waits until a figure has stayed the same for `calmMs`, at most `limitMs`. */
export async function untilCalm(
  read: () => number | Promise<number>,
  calmMs: number,
  limitMs: number,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  let last = await read();
  let sinceMs = performance.now();
  while (performance.now() < endMs && performance.now() - sinceMs < calmMs) {
    await sleep(250);
    const now = await read();
    if (now !== last) sinceMs = performance.now();
    last = now;
  }
}
