import type { SystemName } from "../tsdb/systems.ts";
import { textTable } from "../tsdb/text-table.ts";
import { short } from "../tsdb/verdicts.ts";
import { titleOf } from "./dashboard-query.ts";
import type { ServerFigures } from "./fleet.ts";
import { type SeriesGrowth, type StepGrowth, slowestBeside } from "./growth.ts";
import { type QueryFigures, ratioOf } from "./measure.ts";
import { geometricMeanOf } from "./statistics.ts";
import { isTooSlow } from "./verdicts.ts";

const SYSTEMS: readonly SystemName[] = ["HMS-OPS", "Prometheus", "VictoriaMetrics"];
const LONGEST_TITLE = 60;
const SLOWEST = 15;

export function queryTable(rows: readonly QueryFigures[]): string {
  const cell = (row: QueryFigures, name: SystemName) =>
    `${short(row.medianMs[name])} (${short(row.cpuMs[name])})`;
  return textTable(
    ["query, median ms (CPU ms)", ...SYSTEMS, "kB", "× Prom", "× VM", "CPU ×", "answers"],
    rows.map((row) => [
      shortened(titleOf(row.query)),
      ...SYSTEMS.map((name) => cell(row, name)),
      short(row.answerBytes / 1_000),
      short(ratioOf(row, "Prometheus", "medianMs")),
      short(ratioOf(row, "VictoriaMetrics", "medianMs")),
      short(ratioOf(row, "Prometheus", "cpuMs")),
      answerCell(row),
    ]),
  );
}

function answerCell(row: QueryFigures): string {
  if (row.wrong) return "WRONG";
  if (row.medianMs.Prometheus === undefined) return "not compared";
  return isTooSlow(row) ? "right; TOO SLOW" : "right";
}

/** How many times faster than each peer, all range queries together and all instant ones. */
export function meanLines(rows: readonly QueryFigures[]): string {
  const mean = (isInstant: boolean, peer: SystemName, read: "medianMs" | "cpuMs") =>
    short(
      geometricMeanOf(
        rows
          .filter(({ query }) => (query.span === "instant") === isInstant)
          .map((row) => ratioOf(row, peer, read)),
      ),
    );
  return [false, true]
    .map((isInstant) => {
      const beside = SYSTEMS.slice(1).map(
        (peer) =>
          `${peer} × ${mean(isInstant, peer, "medianMs")} (CPU ${mean(isInstant, peer, "cpuMs")})`,
      );
      return `${isInstant ? "instant" : "range"} queries, geometric mean: ${beside.join(", ")}`;
    })
    .join("\n");
}

export function slowestTable(rows: readonly QueryFigures[]): string {
  const slowest = slowestBeside(rows, SLOWEST);
  if (slowest.length === 0) return "";
  const lines = slowest.map((row) => {
    const ratio = short(ratioOf(row, "Prometheus", "medianMs"));
    const { "HMS-OPS": ours, Prometheus: theirs } = row.medianMs;
    return `× ${ratio}  ${short(ours)} ms beside ${short(theirs)} ms  ${row.query.span}: ${row.query.expr}`;
  });
  return `Slowest beside Prometheus:\n${lines.join("\n")}`;
}

/** Wrong answers of ours, and VictoriaMetrics' that differ, with the reason. */
export function answerNotes(rows: readonly QueryFigures[]): string {
  const ours = rows
    .filter(({ wrong }) => wrong)
    .map(({ query, wrong }) => `WRONG: ${titleOf(query)}: ${query.expr}\n  ${wrong}`);
  const differing = rows.filter(({ victoriaDiffers }) => victoriaDiffers);
  const byReason = Map.groupBy(differing, ({ victoriaReason }) => victoriaReason);
  const victoria = [...byReason].map(([reason, some]) => {
    const why = reason ? `by design: ${reason}` : "for no reason that is known";
    const lines = some.map(
      ({ query, victoriaDiffers }) => `  ${titleOf(query)}: ${victoriaDiffers.slice(0, 160)}`,
    );
    return `VictoriaMetrics answers ${some.length} otherwise, ${why}\n${lines.join("\n")}`;
  });
  return [...ours, ...victoria].join("\n");
}

export function serverTable(series: number, rows: readonly ServerFigures[]): string {
  const mb = (bytes: number) => Math.round(bytes / 1e6);
  return textTable(
    [
      `${series} series`,
      "samples",
      "peak MB sending",
      "MB before",
      "peak MB asked",
      "CPU-s asked",
      "ms of vector(1)",
    ],
    rows.map((row) => [
      row.system,
      row.sent,
      mb(row.sendingPeakBytes),
      mb(row.idleBytes),
      mb(row.askedPeakBytes),
      short(row.askedCpuSeconds),
      short(row.leastMs),
    ]),
  );
}

export function seriesGrowthTable(rows: readonly SeriesGrowth[]): string {
  if (rows.length === 0) return "";
  return textTable(
    ["time × for more series", "from", "to", ...SYSTEMS],
    rows.map((row) => [
      row.queries,
      row.fromSeries,
      row.toSeries,
      ...SYSTEMS.map((name) => short(row.factor[name])),
    ]),
  );
}

export function stepGrowthTable(rows: readonly StepGrowth[]): string {
  if (rows.length === 0) return "";
  const [first] = rows;
  return textTable(
    ["ms over six hours", "", ...(first?.steps.map((steps) => `${steps} steps`) ?? []), "× each"],
    rows.map((row) => [
      row.query,
      row.system,
      ...row.medianMs.map(short),
      row.factors.map(short).join(", "),
    ]),
  );
}

function shortened(text: string): string {
  return text.length <= LONGEST_TITLE ? text : `${text.slice(0, LONGEST_TITLE - 1)}…`;
}
