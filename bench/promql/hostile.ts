import { join } from "node:path";
import type { Outcome } from "../figure.ts";
import { encodeStream } from "../tsdb/encode-stream.ts";
import { sendWide } from "../tsdb/heavy-load.ts";
import { Probe, type Spread, spreadOf, spreadText, writeProbeRules } from "../tsdb/probe.ts";
import { peakResidentBytes, preciseSeconds, residentBytes } from "../tsdb/process-figures.ts";
import { sendStream } from "../tsdb/send-stream.ts";
import { STEP_MS, type Stream } from "../tsdb/streams.ts";
import { HmsOpsSystem } from "../tsdb/systems.ts";
import { textTable } from "../tsdb/text-table.ts";
import { short } from "../tsdb/verdicts.ts";
import { sleep } from "../tsdb/waiting.ts";
import { forgetPeak } from "./asking.ts";
import { askAndLeave, type CountedAnswer, countAnswer, errorOf } from "./count-answer.ts";
import { machineLoad } from "./fleet.ts";
import { type HostileQuery, hostileQueries } from "./hostile-queries.ts";
import { judgeHostile } from "./hostile-verdict.ts";
import type { PromqlBenchOptions } from "./options.ts";

/** What each query is told, and what no reader waits longer for. */
const DEADLINE_S = 20;
const GIVE_UP_MS = 60_000;
/** Two at a time, again and again, so that rules and acknowledgements have time to suffer. */
const CLIENTS = 2;
const LEAST_PHASE_MS = 6_000;
const IDLE_MS = 10_000;
const REST_MS = 1_000;
const INSTANCES = 100;
const HOUR_STEPS = 3_600_000 / STEP_MS;
const LEAVERS = 30;
const LEAVE_AFTER_MS = 200;
const CALM_LIMIT_MS = 30_000;
const CALM_EVERY_MS = 500;
const CALM_SHARE = 0.3;

/** One hostile query, or nothing at all (`idle`). */
export interface HostileFigures {
  readonly name: string;
  readonly asked: number;
  /** The slowest of the answers, and what it was. */
  readonly tookMs: number;
  readonly status: number;
  readonly answerBytes: number;
  readonly error: string;
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly ack: Spread;
  readonly rule: Spread;
  readonly verdict: string;
}

interface Bench {
  readonly hub: HmsOpsSystem;
  readonly probe: Probe;
  readonly log: (text: string) => void;
}

/** `npm run bench -- promql --hostile`: what nobody should ask, and what it does to the others. */
export async function benchHostile(
  folder: string,
  { seed, wideSeries, only, hub: root }: PromqlBenchOptions,
  log: (text: string) => void,
): Promise<Outcome> {
  const place = join(folder, "hub");
  const hub = new HmsOpsSystem(place, root, [], ["--enable-feature=all"]);
  writeProbeRules(place);
  try {
    await hub.start();
    const stream: Stream = {
      name: "fleet",
      instances: INSTANCES,
      stepMs: STEP_MS,
      steps: HOUR_STEPS,
      replaceEvery: 0,
    };
    const encoded = await encodeStream(stream, folder, seed);
    await sendStream({ url: hub.writeAddress, paths: encoded.paths, samplesPerSecond: 0 });
    log(`${encoded.samples} samples are in; ${wideSeries} wide series follow`);
    const atS = Math.ceil(Date.now() / 1_000) + 1;
    await sendWide(hub.address, wideSeries);
    const queries = hostileQueries({ atS: await laterOf(atS), deadlineS: DEADLINE_S }).filter(
      ({ name }) => only.length === 0 || only.some((word) => name.includes(word)),
    );
    const probe = new Probe(hub.address);
    try {
      await sleep(IDLE_MS);
      return await measureAll({ hub, probe, log }, queries, { seed, wideSeries });
    } finally {
      await probe.end();
    }
  } finally {
    await hub.remove();
  }
}

/** The wide series carry the times at which they were sent: all are there a second after the last. */
async function laterOf(atS: number): Promise<number> {
  const nowS = Math.ceil(Date.now() / 1_000);
  await sleep(1_000);
  return Math.max(atS, nowS);
}

async function measureAll(
  bench: Bench,
  queries: readonly HostileQuery[],
  details: Readonly<Record<string, unknown>>,
): Promise<Outcome> {
  const load = machineLoad();
  const idle = await measurePhase(bench, undefined, undefined);
  const rows = [idle];
  for (const query of queries) {
    const row = await measurePhase(bench, query, idle);
    rows.push(row);
    bench.log(hostileTable([row]));
  }
  const [first] = queries.filter(({ name }) => name === "everything at 15 s");
  const calmMs = first && (await measureLeaving(bench, first));
  const text = [
    `deadline ${DEADLINE_S} s, ${CLIENTS} clients at once; load of the machine before and after: ${load} | ${machineLoad()}`,
    hostileTable(rows),
    rows
      .filter(({ error }) => error)
      .map(({ name, status, error }) => `${name}: ${status} ${error}`)
      .join("\n"),
    ...(calmMs === undefined
      ? []
      : [
          `${LEAVERS} readers asked for everything at 15 s and left: calm ${short(calmMs)} ms later`,
        ]),
  ].join("\n\n");
  const version = bench.hub.version();
  return { part: "hostile", figures: [], text, details: { ...details, version, rows, calmMs } };
}

async function measurePhase(
  { hub, probe }: Bench,
  query: HostileQuery | undefined,
  idle: HostileFigures | undefined,
): Promise<HostileFigures> {
  await probe.take();
  forgetPeak(hub.pid);
  const before = residentBytes(hub.pid);
  const answers: CountedAnswer[] = [];
  const endMs = performance.now() + (query === undefined ? IDLE_MS : LEAST_PHASE_MS);
  const client = async (path: string) => {
    do answers.push(await countAnswer(hub.address + path, GIVE_UP_MS));
    while (performance.now() < endMs);
  };
  if (query === undefined) await sleep(IDLE_MS);
  else await Promise.all(Array.from({ length: CLIENTS }, () => client(query.path)));
  const { ackMs, ruleDelayMs, failures } = await probe.take();
  const slowest = answers.reduce<CountedAnswer | undefined>(
    (worst, one) => (worst !== undefined && worst.tookMs >= one.tookMs ? worst : one),
    undefined,
  );
  const figures = {
    name: query?.name ?? "idle",
    asked: answers.length,
    tookMs: slowest?.tookMs ?? 0,
    status: slowest?.status ?? 0,
    answerBytes: slowest?.bytes ?? 0,
    error:
      answers.map(({ head, status }) => (status === 200 ? "" : errorOf(head))).find(Boolean) ?? "",
    residentBytes: before,
    peakBytes: peakResidentBytes(hub.pid),
    ack: spreadOf(ackMs),
    rule: spreadOf(ruleDelayMs),
  };
  await sleep(REST_MS);
  const problems = judgeHostile(query?.must, answers, figures, failures, idle, DEADLINE_S);
  return {
    ...figures,
    verdict: problems.length === 0 ? "held" : `NOT HELD: ${problems.join(", ")}`,
  };
}

/** Readers who hang up must not be worked for: until the hub is calm again, ms. */
async function measureLeaving({ hub }: Bench, { path }: HostileQuery): Promise<number> {
  const url = hub.address + path;
  await Promise.all(Array.from({ length: LEAVERS }, () => askAndLeave(url, LEAVE_AFTER_MS)));
  const startMs = performance.now();
  while (performance.now() - startMs < CALM_LIMIT_MS) {
    const before = preciseSeconds(hub.pid);
    await sleep(CALM_EVERY_MS);
    const share = (preciseSeconds(hub.pid) - before) / (CALM_EVERY_MS / 1_000);
    if (share < CALM_SHARE) return performance.now() - startMs - CALM_EVERY_MS;
  }
  return Number.POSITIVE_INFINITY;
}

function hostileTable(rows: readonly HostileFigures[]): string {
  const mb = (bytes: number) => Math.round(bytes / 1e6);
  const head =
    "hostile query|asked|slowest ms|status|answer MB|MB before|peak MB|ack p50/p99/max ms|rule delay ms|must";
  return textTable(
    head.split("|"),
    rows.map((row) => [
      row.name,
      row.asked,
      short(row.tookMs),
      row.status,
      short(row.answerBytes / 1e6),
      mb(row.residentBytes),
      mb(row.peakBytes),
      spreadText(row.ack),
      spreadText(row.rule),
      row.verdict,
    ]),
  );
}
