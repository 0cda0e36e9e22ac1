import { type Holding, heldIf, short, type Verdict } from "../tsdb/verdicts.ts";
import type { SizedFigures } from "./growth.ts";
import { type QueryFigures, ratioOf } from "./measure.ts";
import { geometricMeanOf } from "./statistics.ts";

const MUST_FASTER = 5;
const REACH_FASTER = 10;
const MOST_SLOWER_SHARE = 0.1;
const MOST_SLOWER_MS = 0.3;

/** Slower than Prometheus by more than 10 % and by more than 0.3 ms. */
export function isTooSlow({ medianMs }: Pick<QueryFigures, "medianMs">): boolean {
  const { "HMS-OPS": ours, Prometheus: theirs } = medianMs;
  if (ours === undefined || theirs === undefined) return false;
  return ours > theirs * (1 + MOST_SLOWER_SHARE) && ours > theirs + MOST_SLOWER_MS;
}

/** What the issue asks for, at each size of the fleet. */
export function judgeSizes(sizes: readonly SizedFigures[]): readonly Verdict[] {
  return sizes.flatMap(judgeSize);
}

function judgeSize({ series, queries }: SizedFigures): readonly Verdict[] {
  const place = `${series} series: `;
  const ranges = queries.filter(({ query }) => query.span !== "instant");
  const instants = queries.filter(({ query }) => query.span === "instant");
  return [
    ...judgeRanges(place, ranges),
    ...judgeInstants(place, instants),
    {
      row: `${place}no query slower than Prometheus + 10 % and + 0.3 ms`,
      ours: `${queries.filter(isTooSlow).length} of ${queries.length}`,
      prometheus: "–",
      victoria: "–",
      must: "0",
      mustHolds: beside(queries, () => !queries.some(isTooSlow)),
      reach: "0",
      reachHolds: beside(queries, () => !queries.some(isTooSlow)),
    },
    {
      row: `${place}answers that differ from Prometheus'`,
      ours: `${queries.filter(({ wrong }) => wrong).length} of ${queries.length}`,
      prometheus: "–",
      victoria: `${queries.filter(({ victoriaDiffers }) => victoriaDiffers).length}`,
      must: "0",
      mustHolds: beside(queries, () => isRight(queries)),
      reach: "0",
      reachHolds: beside(queries, () => isRight(queries)),
    },
  ];
}

function judgeRanges(place: string, rows: readonly QueryFigures[]): readonly Verdict[] {
  if (rows.length === 0) return [];
  const faster = mean(rows, "Prometheus", "medianMs");
  const toVictoria = mean(rows, "VictoriaMetrics", "medianMs");
  return [
    {
      row: `${place}range queries [× faster than Prometheus]`,
      ours: `${short(faster)} (CPU ${short(mean(rows, "Prometheus", "cpuMs"))})`,
      prometheus: "1",
      victoria: short(faster / toVictoria),
      must: `${MUST_FASTER}`,
      mustHolds: beside(rows, () => faster >= MUST_FASTER && isRight(rows)),
      reach: `${REACH_FASTER}, level with VictoriaMetrics`,
      reachHolds: beside(rows, () => faster >= REACH_FASTER && toVictoria >= 1 && isRight(rows)),
    },
  ];
}

function judgeInstants(place: string, rows: readonly QueryFigures[]): readonly Verdict[] {
  if (rows.length === 0) return [];
  const faster = mean(rows, "Prometheus", "medianMs");
  return [
    {
      row: `${place}instant queries [× faster than Prometheus]`,
      ours: `${short(faster)} (CPU ${short(mean(rows, "Prometheus", "cpuMs"))})`,
      prometheus: "1",
      victoria: short(faster / mean(rows, "VictoriaMetrics", "medianMs")),
      must: "1",
      mustHolds: beside(rows, () => faster >= 1 && isRight(rows)),
      reach: "2",
      reachHolds: beside(rows, () => faster >= 2 && isRight(rows)),
    },
  ];
}

/** Without Prometheus nothing is judged. */
function beside(rows: readonly QueryFigures[], holds: () => boolean): Holding {
  const isMeasured = rows.every(({ medianMs }) => medianMs.Prometheus !== undefined);
  return isMeasured ? heldIf(holds()) : "not measured";
}

function isRight(rows: readonly QueryFigures[]): boolean {
  return rows.every(({ wrong }) => !wrong);
}

function mean(
  rows: readonly QueryFigures[],
  peer: "Prometheus" | "VictoriaMetrics",
  read: "medianMs" | "cpuMs",
): number {
  return geometricMeanOf(rows.map((row) => ratioOf(row, peer, read)));
}
