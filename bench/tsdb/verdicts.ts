/** "part" = beside one of the peers only. */
export type Holding = "held" | "part" | "NOT HELD" | "not measured";

/** One line of the architecture's table of budgets (§9), judged beside the peers of this run. */
export interface Verdict {
  readonly row: string;
  readonly ours: string;
  readonly prometheus: string;
  readonly victoria: string;
  readonly must: string;
  readonly mustHolds: Holding;
  readonly reach: string;
  readonly reachHolds: Holding;
}

/** What the table says: the bar, and the peers' figures that it was set beside. */
interface Bar {
  readonly row: string;
  readonly unit: string;
  readonly better: "more" | "less";
  readonly prometheus: number;
  readonly victoria: number;
  readonly must: number;
  readonly reach: number;
}

const MORE = "more";
const LESS = "less";

export const BARS = {
  wall10k: bar("remote write, 10k x 6 h", "M/s", MORE, 0.78, 2.9, 1.6, 3.0),
  cpu10k: bar("remote write, 10k x 6 h", "M per CPU-s", MORE, 0.23, 1.06, 0.7, 1.1),
  cpu1m: bar("remote write, 1 M series", "M per CPU-s", MORE, 0.11, 0.32, 0.45, 0.7),
  scraping: bar("scraping", "M per CPU-s", MORE, 0.43, 0.33, 0.7, 1.0),
  disk: bar("disk with index, 10k x 6 h", "bytes a sample", LESS, 3.5, 1.25, 1.35, 1.1),
  written: bar("written, 10k x 6 h", "bytes a sample", LESS, 14.7, 0.7, 7, 4.5),
  memory1m: bar("memory, 1 M series x 4 m, queried", "GB", LESS, 3.5, 1.3, 1.2, 0.7),
  quantiles: bar("quantile_over_time[1h], 400 series", "ms", LESS, 2_220, 382, 150, 60),
  join: bar("group_left join", "ms", LESS, 647, 25, 60, 25),
  restart: bar("kill -9 to the complete count, 1 M series", "s", LESS, 8.5, 7.5, 5, 1),
} as const;

function bar(
  row: string,
  unit: string,
  better: Bar["better"],
  prometheus: number,
  victoria: number,
  must: number,
  reach: number,
): Bar {
  return { row, unit, better, prometheus, victoria, must, reach };
}

/** How a peer fared in this run; undefined when it could not be measured. */
export interface PeerFigures {
  readonly prometheus: number | undefined;
  readonly victoria: number | undefined;
}

/**
 * A bar holds when our ratio to each peer in this run is at least the one that the table implies;
 * without peers the table's own figure is the bar.
 */
export function judge(bar: Bar, ours: number | undefined, peers: PeerFigures): Verdict {
  return {
    row: `${bar.row} [${bar.unit}]`,
    ours: short(ours),
    prometheus: short(peers.prometheus),
    victoria: short(peers.victoria),
    must: described(bar, bar.must, peers),
    mustHolds: holding(bar, bar.must, ours, peers),
    reach: described(bar, bar.reach, peers),
    reachHolds: holding(bar, bar.reach, ours, peers),
  };
}

export function heldIf(holds: boolean): Holding {
  return holds ? "held" : "NOT HELD";
}

function holding(bar: Bar, goal: number, ours: number | undefined, peers: PeerFigures): Holding {
  if (ours === undefined) return "not measured";
  const wanted = wantedFigures(bar, goal, peers);
  const reached = wanted.filter((one) => (bar.better === "more" ? ours >= one : ours <= one));
  if (reached.length === wanted.length) return "held";
  return reached.length > 0 ? "part" : "NOT HELD";
}

/** The goal, and what the same ratios to Prometheus and VictoriaMetrics ask for in this run. */
function described(bar: Bar, goal: number, peers: PeerFigures): string {
  return `${short(goal)} (here ${wantedFigures(bar, goal, peers).map(short).join(", ")})`;
}

function wantedFigures(bar: Bar, goal: number, { prometheus, victoria }: PeerFigures): number[] {
  const wanted: number[] = [];
  if (prometheus !== undefined) wanted.push((goal / bar.prometheus) * prometheus);
  if (victoria !== undefined) wanted.push((goal / bar.victoria) * victoria);
  return wanted.length > 0 ? wanted : [goal];
}

export function short(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (value === 0) return "0";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return Number(value.toPrecision(3)).toString();
}
