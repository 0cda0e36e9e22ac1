import { mkdirSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { get } from "../tsdb/ask.ts";
import { type EncodedStream, encodeStream } from "../tsdb/encode-stream.ts";
import { peakResidentBytes, preciseSeconds, residentBytes } from "../tsdb/process-figures.ts";
import { sendStream } from "../tsdb/send-stream.ts";
import { SERIES_A_INSTANCE, STEP_MS, type Stream } from "../tsdb/streams.ts";
import {
  HmsOpsSystem,
  PrometheusSystem,
  type System,
  type SystemName,
  VictoriaMetricsSystem,
} from "../tsdb/systems.ts";
import { sleep } from "../tsdb/waiting.ts";
import { forgetPeak, queryAddress } from "./asking.ts";
import { medianOf } from "./statistics.ts";

/**
 * Six hours of queries, and two before them: no window and no offset reaches the counters' first
 * samples, near which Prometheus 2.42 extrapolates rates otherwise than 3.x.
 */
const HOURS = 8;
const HOUR_STEPS = 3_600_000 / STEP_MS;
/** The fixed queries name some of the first ten instances. */
const LEAST_INSTANCES = 10;
const LEAST_RUNS = 31;
const SETTLE_LIMIT_MS = 90_000;
const SETTLE_EVERY_MS = 3_000;
/** A server that takes less of a core is done with what came in. */
const IDLE_SHARE = 0.1;

/** What each server cost while it was asked, all queries together. */
export interface ServerFigures {
  readonly system: SystemName;
  readonly version: string;
  readonly sent: number;
  readonly sendingPeakBytes: number;
  readonly idleBytes: number;
  readonly askedPeakBytes: number;
  readonly askedCpuSeconds: number;
  /** Median time of `vector(1)`: what any question costs at least. */
  readonly leastMs: number;
}

/** The servers with the same samples in each. */
export interface Fleet {
  readonly series: number;
  readonly encoded: EncodedStream;
  readonly systems: readonly System[];
  readonly endS: number;
  /** Since the samples were in; ends nothing. */
  figures(): Promise<readonly ServerFigures[]>;
  remove(): Promise<void>;
}

/** What the other programs of the machine do while it is measured. */
export function machineLoad(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(" ");
}

export async function openFleet(
  series: number,
  folder: string,
  options: {
    readonly seed: number;
    readonly hub: string | undefined;
    readonly withoutPeers: boolean;
    readonly log: (text: string) => void;
  },
): Promise<Fleet> {
  const bodies = join(folder, `${series}-bodies`);
  mkdirSync(bodies);
  const stream: Stream = {
    name: `${series} series`,
    instances: Math.max(LEAST_INSTANCES, Math.round(series / SERIES_A_INSTANCE)),
    stepMs: STEP_MS,
    steps: HOURS * HOUR_STEPS,
    replaceEvery: 0,
  };
  const encoded = await encodeStream(stream, bodies, options.seed);
  options.log(`${series} series: ${encoded.samples} samples in ${encoded.bytes} bytes`);
  const place = (name: string) => join(folder, `${series}-${name}`);
  const systems: System[] = [new HmsOpsSystem(place("hms-ops"), options.hub)];
  if (!options.withoutPeers) {
    systems.push(new PrometheusSystem(place("prometheus")));
    systems.push(new VictoriaMetricsSystem(place("victoria")));
  }
  const remove = async () => {
    for (const system of systems) await system.remove();
    rmSync(bodies, { recursive: true, force: true });
  };
  try {
    const sent = new Map<System, Sent>();
    for (const system of systems) sent.set(system, await sendTo(system, encoded, options.log));
    await settle(systems);
    for (const [system, one] of sent) sent.set(system, { ...one, ...reading(system) });
    const endS = encoded.endMs / 1_000;
    const figures = async () => {
      const rows: ServerFigures[] = [];
      for (const system of systems) {
        const row = figuresOf(system, sent.get(system));
        rows.push({ ...row, leastMs: await leastMsOf(system, endS) });
      }
      return rows;
    };
    return { series, encoded, systems, endS, figures, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface Sent {
  readonly samples: number;
  readonly peakBytes: number;
  readonly idleBytes: number;
  readonly cpuSeconds: number;
}

async function sendTo(
  system: System,
  { paths }: EncodedStream,
  log: (text: string) => void,
): Promise<Sent> {
  await system.start();
  const send = await sendStream({ url: system.writeAddress, paths, samplesPerSecond: 0 });
  if (send.refused > 0) {
    throw new Error(`${system.name} refused ${send.refused} samples: ${send.firstRefusal}`);
  }
  log(`${system.name}: ${send.acknowledged} samples in ${Math.round(send.wallMs / 1_000)} s`);
  const peakBytes = peakResidentBytes(system.pid);
  return { samples: send.acknowledged, peakBytes, idleBytes: 0, cpuSeconds: 0 };
}

function reading(system: System): Pick<Sent, "idleBytes" | "cpuSeconds"> {
  forgetPeak(system.pid);
  return { idleBytes: residentBytes(system.pid), cpuSeconds: system.processorSeconds };
}

function figuresOf(system: System, sent: Sent | undefined): Omit<ServerFigures, "leastMs"> {
  return {
    system: system.name,
    version: system.version(),
    sent: sent?.samples ?? 0,
    sendingPeakBytes: sent?.peakBytes ?? 0,
    idleBytes: sent?.idleBytes ?? 0,
    askedPeakBytes: peakResidentBytes(system.pid),
    askedCpuSeconds: system.processorSeconds - (sent?.cpuSeconds ?? 0),
  };
}

async function leastMsOf(system: System, endS: number): Promise<number> {
  const address = queryAddress(system, "vector(1)", { startS: endS, endS, stepS: 0 });
  const took: number[] = [];
  for (let run = 0; run < LEAST_RUNS; run++) took.push((await get(address)).tookMs);
  return medianOf(took);
}

/** Until no server works on what came in, or the patience ends. */
async function settle(systems: readonly System[]): Promise<void> {
  const endMs = performance.now() + SETTLE_LIMIT_MS;
  const each = () => systems.map(({ pid }) => preciseSeconds(pid));
  for (let before = each(); performance.now() < endMs; before = each()) {
    await sleep(SETTLE_EVERY_MS);
    const after = each();
    const shares = after.map(
      (seconds, i) => (seconds - (before[i] ?? 0)) / (SETTLE_EVERY_MS / 1e3),
    );
    if (shares.every((share) => share < IDLE_SHARE)) return;
  }
}
