import { labelValue, SampleBatchBuilder, UNKNOWN_SERIES } from "@hms-ops/model";
import { readExposition } from "@hms-ops/wire/exposition";
import { DEFAULT_HTTP } from "../../config/scrape-config.ts";
import type { HttpReader } from "../scrape/index.ts";
import { PROBE_MAX_BYTES, PROBE_TIMEOUT_MS } from "./limits.ts";

/** What stands on a port, if it is a service with metrics. */
export interface ProbeResult {
  readonly port: number;
  /** The one value of the `service` label, else `port-8000`. */
  readonly jobName: string;
}

/** Asks a port of this machine for /metrics; undefined when no sample comes back. */
export async function probePort(
  reader: HttpReader,
  port: number,
): Promise<ProbeResult | undefined> {
  const request = {
    url: `http://127.0.0.1:${port}/metrics`,
    http: DEFAULT_HTTP,
    timeoutMs: PROBE_TIMEOUT_MS,
    maxBytes: PROBE_MAX_BYTES,
  };
  const answer = await reader.read(request).catch(() => undefined);
  if (answer === undefined) return undefined;
  const services = new Set<string>();
  const report = readExposition(answer.body, {
    builder: new SampleBatchBuilder("probe"),
    resolver: { find: () => UNKNOWN_SERIES },
    defaultTimeMs: 0,
    honorTimestamps: false,
    labelsOf: (labels) => {
      const service = labelValue(labels, "service");
      if (service !== "") services.add(service);
      return labels;
    },
    ...(answer.format && { format: answer.format }),
  });
  // A page of text may hold a line that looks like a sample; most lines must be.
  if (report.samples === 0 || report.skippedLines > report.samples) return undefined;
  const [only] = services;
  return { port, jobName: services.size === 1 && only ? only : `port-${port}` };
}
