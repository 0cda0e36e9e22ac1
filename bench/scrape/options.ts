import { parseArgs } from "node:util";

export interface ScrapeBenchOptions {
  readonly targets: number;
  readonly series: number;
  readonly intervalS: number;
  readonly seconds: number;
  readonly seed: number;
  /** Whether the targets compress, as exporters do. */
  readonly gzip: boolean;
  /** A checkout whose hub is measured instead of this one's. */
  readonly hub: string | undefined;
  readonly withoutPeers: boolean;
}

export function readOptions(words: readonly string[]): ScrapeBenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      targets: { type: "string", default: "50" },
      series: { type: "string", default: "2000" },
      interval: { type: "string", default: "1" },
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: "20261121" },
      hub: { type: "string" },
      "without-gzip": { type: "boolean", default: false },
      "without-peers": { type: "boolean", default: false },
    },
  });
  return {
    targets: Number(values.targets),
    series: Number(values.series),
    intervalS: Number(values.interval),
    seconds: Number(values.seconds),
    seed: Number(values.seed),
    gzip: !values["without-gzip"],
    hub: values.hub,
    withoutPeers: values["without-peers"],
  };
}
