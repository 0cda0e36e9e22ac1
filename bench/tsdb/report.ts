import type { IngestFigures, LossFigures } from "./ingest-stage.ts";
import { geometricMean, type QueryFigures } from "./query-stage.ts";
import type { SystemName } from "./systems.ts";
import { textTable } from "./text-table.ts";
import { BARS, heldIf, judge, short, type Verdict } from "./verdicts.ts";

export interface TsdbFigures {
  readonly ingest: readonly IngestFigures[];
  readonly loss: readonly LossFigures[];
  readonly queries: readonly QueryFigures[];
  /** Asked of VictoriaMetrics with its response cache on. */
  readonly cachedQueries: readonly QueryFigures[];
}

const PEERS = ["Prometheus", "VictoriaMetrics"] as const;

export function ingestTable(rows: readonly IngestFigures[]): string {
  const head =
    "stream|system|M/s|M/CPU-s|settled|ack p50/p99/max ms|peak MB|queried MB|B/sample|with log|written|ready s|complete s|lost|again|refused";
  return textTable(
    head.split("|"),
    rows.map((row) => [
      row.stream,
      row.system,
      short(row.samplesPerSecond / 1e6),
      short(row.samplesPerCpuSecond / 1e6),
      short(row.samplesPerCpuSecondSettled / 1e6),
      [row.send.ackP50Ms, row.send.ackP99Ms, row.send.ackMaxMs].map(short).join("/"),
      Math.round(row.peakIngestBytes / 1e6),
      Math.round(row.peakBytes / 1e6),
      short(perSample(row, row.disk.compactedBytes)),
      short(perSample(row, row.disk.withLogBytes)),
      short(perSample(row, row.writtenBytes)),
      short(row.restart.readyMs / 1000),
      row.restart.completeMs === null
        ? `never: ${row.restart.count} of ${row.restart.expected}`
        : short(row.restart.completeMs / 1000),
      typeof row.samplesThere === "number" ? row.samplesExpected - row.samplesThere : "?",
      row.send.repeated,
      row.send.refused,
    ]),
  );
}

export function lossTable(rows: readonly LossFigures[]): string {
  return textTable(
    ["kill -9 at the last acknowledgement", "acknowledged", "there", "lost, s of the stream"],
    rows.map((row) => [row.system, row.acknowledged, row.there, short(row.lostSeconds)]),
  );
}

export function queryTable(rows: readonly QueryFigures[]): string {
  const cell = (row: QueryFigures, name: SystemName) =>
    `${short(row.medianMs[name])} (${short(row.cpuMs[name])})`;
  return textTable(
    ["query, median ms (CPU ms)", "HMS-OPS", ...PEERS, "× Prom", "× VM", "answers"],
    rows.map((row) => [
      `${row.query.shape}: ${row.query.name}`,
      cell(row, "HMS-OPS"),
      cell(row, "Prometheus"),
      cell(row, "VictoriaMetrics"),
      short(ratioOf(row, "Prometheus", "medianMs")),
      short(ratioOf(row, "VictoriaMetrics", "medianMs")),
      row.wrong ? "WRONG" : row.victoriaNote ? "right; VM differs" : "right",
    ]),
  );
}

export function wrongAnswers(rows: readonly QueryFigures[]): readonly string[] {
  return rows
    .filter(({ wrong, victoriaNote }) => wrong || victoriaNote)
    .map(
      ({ query, wrong, victoriaNote }) =>
        `${query.shape}: ${query.name}: ${wrong ? `WRONG: ${wrong}` : `VictoriaMetrics: ${victoriaNote}`}`,
    );
}

export function judgeAll(figures: TsdbFigures): readonly Verdict[] {
  const { ingest, queries } = figures;
  const compare = (
    bar: Parameters<typeof judge>[0],
    stream: string,
    read: (row: IngestFigures) => number | undefined,
  ) => {
    const of = (name: SystemName) => {
      const row = ingest.find((one) => one.stream === stream && one.system === name);
      return row && read(row);
    };
    return judge(bar, of("HMS-OPS"), {
      prometheus: of("Prometheus"),
      victoria: of("VictoriaMetrics"),
    });
  };
  const timed = (bar: Parameters<typeof judge>[0], start: string) => {
    const row = queries.find(({ query }) => query.shape === "hour" && query.name.startsWith(start));
    const ours = row?.wrong ? undefined : row?.medianMs["HMS-OPS"];
    const { Prometheus: prometheus, VictoriaMetrics: victoria } = row?.medianMs ?? {};
    return judge(bar, ours, { prometheus, victoria });
  };
  return [
    compare(BARS.wall10k, "10k x 6h", (row) => row.samplesPerSecond / 1e6),
    compare(BARS.cpu10k, "10k x 6h", (row) => row.samplesPerCpuSecond / 1e6),
    compare(BARS.cpu1m, "1M x 4m", (row) => row.samplesPerCpuSecond / 1e6),
    compare(BARS.disk, "10k x 6h", (row) => perSample(row, row.disk.compactedBytes)),
    compare(BARS.written, "10k x 6h", (row) => perSample(row, row.writtenBytes)),
    compare(BARS.memory1m, "1M x 4m", (row) => row.peakBytes / 1e9),
    ...judgeQueries(queries),
    timed(BARS.quantiles, "quantile_over_time"),
    timed(BARS.join, "group_left"),
    compare(BARS.restart, "1M x 4m", ({ restart }) =>
      restart.completeMs === null ? undefined : restart.completeMs / 1000,
    ),
    judgeLoss(figures.loss),
  ];
}

function judgeLoss(loss: readonly LossFigures[]): Verdict {
  const lost = (name: SystemName) => {
    const row = loss.find(({ system }) => system === name);
    return row && row.acknowledged - row.there;
  };
  return {
    row: "acknowledged samples lost by kill -9",
    ours: short(lost("HMS-OPS")),
    prometheus: short(lost("Prometheus")),
    victoria: short(lost("VictoriaMetrics")),
    must: "0",
    mustHolds: lost("HMS-OPS") === undefined ? "not measured" : heldIf(lost("HMS-OPS") === 0),
    reach: "0 on power loss too (npm run prove)",
    reachHolds: "not measured",
  };
}

/** "5 × faster than Prometheus, none slower"; instant ones 1 × in CPU and 1 × + 0.3 ms in wall. */
function judgeQueries(queries: readonly QueryFigures[]): readonly Verdict[] {
  if (queries.length === 0) return [];
  const ranges = queries.filter(({ query }) => query.shape !== "instant");
  const instants = queries.filter(({ query }) => query.shape === "instant");
  const mean = (rows: readonly QueryFigures[], read: "medianMs" | "cpuMs", peer: SystemName) =>
    geometricMean(rows.map((row) => ratioOf(row, peer, read) ?? 0));
  const right = (rows: readonly QueryFigures[]) => rows.every(({ wrong }) => !wrong);
  const slower = ranges.filter((row) => (ratioOf(row, "Prometheus", "medianMs") ?? 0) < 1);
  const rangeWall = mean(ranges, "medianMs", "Prometheus");
  const instantWall = mean(instants, "medianMs", "Prometheus");
  const instantCpu = mean(instants, "cpuMs", "Prometheus");
  const late = instants.filter(
    ({ medianMs }) => (medianMs["HMS-OPS"] ?? Infinity) > (medianMs.Prometheus ?? 0) + 0.3,
  );
  return [
    {
      row: "range queries, geometric mean [× faster than Prometheus]",
      ours: `${short(rangeWall)} (CPU ${short(mean(ranges, "cpuMs", "Prometheus"))}), ${slower.length} slower`,
      prometheus: "1",
      victoria: short(rangeWall / mean(ranges, "medianMs", "VictoriaMetrics")),
      must: "5, none slower",
      mustHolds: heldIf(rangeWall >= 5 && slower.length === 0 && right(ranges)),
      reach: "10",
      reachHolds: heldIf(rangeWall >= 10 && slower.length === 0 && right(ranges)),
    },
    {
      row: "instant queries, geometric mean [× faster than Prometheus]",
      ours: `${short(instantWall)} (CPU ${short(instantCpu)}), ${late.length} later than + 0.3 ms`,
      prometheus: "1",
      victoria: short(instantWall / mean(instants, "medianMs", "VictoriaMetrics")),
      must: "1 in CPU, 1 + 0.3 ms in wall",
      mustHolds: heldIf(instantCpu >= 1 && late.length === 0 && right(instants)),
      reach: "2",
      reachHolds: heldIf(instantWall >= 2 && right(instants)),
    },
  ];
}

/** How many times faster than the peer we are. */
function ratioOf(
  row: QueryFigures,
  peer: SystemName,
  read: "medianMs" | "cpuMs",
): number | undefined {
  const ours = row[read]["HMS-OPS"];
  const theirs = row[read][peer];
  return ours === undefined || theirs === undefined ? undefined : theirs / ours;
}

function perSample({ send }: IngestFigures, bytes: number): number {
  return bytes / Math.max(1, send.acknowledged);
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  const head = "§9|HMS-OPS|Prometheus|VictoriaMetrics|must||reach|";
  return textTable(
    head.split("|"),
    verdicts.map((row) => [
      row.row,
      row.ours,
      row.prometheus,
      row.victoria,
      row.must,
      row.mustHolds,
      row.reach,
      row.reachHolds,
    ]),
  );
}
