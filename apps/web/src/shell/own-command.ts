import { useStatus } from "@hms-ops/react";

/** What is typed before the words of a command, as the hub was started: `npx hms-ops`. */
export function useOwnCommand(): string {
  return useStatus().data?.hub.command ?? "hms-ops";
}
