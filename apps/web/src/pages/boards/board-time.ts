import { parseDurationMs } from "@hms-ops/model";

/** `5s` as a board writes it; undefined (no refresh) for anything that is no duration. */
export function readRefreshMs(text: string): number | undefined {
  return parseDurationMs(text) || undefined;
}
