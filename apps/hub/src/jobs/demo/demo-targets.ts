import type { TargetProvider } from "../scrape/index.ts";

/** What discovery found in the agency's own folder, and nothing else of what it knows. */
export function demoTargets(found: TargetProvider): TargetProvider {
  return {
    name: "demo",
    start: (changed) => found.start(changed),
    stop: () => found.stop(),
    targets: () => found.targets().map((target) => ({ ...target, origin: "demo" })),
    dropped: () => [],
    refused: () => [],
  };
}
