/**
 * Gives back at once what a large piece of work leaves. To V8 an array of any size is a small
 * object, so a thread that goes idle would keep hundreds of megabytes of them. Does nothing unless
 * the process was started with --expose-gc, as `hms-ops up` does.
 */
export function collectGarbage(): void {
  globalThis.gc?.();
}
