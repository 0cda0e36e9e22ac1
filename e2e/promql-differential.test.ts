import { type Random, seededRandom } from "@hms-ops/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { campaign, reportFigures, SEED } from "./support/figures.ts";
import { type HubProcess, removeFolder, startHub } from "./support/hub.ts";
import {
  PROMETHEUS_MISSING,
  type PrometheusPeer,
  startPrometheus,
} from "./support/prometheus-peer.ts";
import { makeSeries } from "./support/query-data.ts";
import { damage, disguise, isRefusedByAge } from "./support/query-disguise.ts";
import { generateQuery } from "./support/query-generator.ts";
import { remoteWrite } from "./support/remote-write.ts";

const QUERIES = campaign("HMS_OPS_DIFFERENTIAL_QUERIES", 300);
const TOLERANCE = 1e-12;

interface Answer {
  readonly status: string;
  readonly errorType?: string;
  readonly error?: string;
  readonly data?: { readonly resultType: string; readonly result: unknown };
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

interface Series {
  readonly metric: Record<string, string>;
  readonly value?: [number, string];
  readonly values?: [number, string][];
}

interface Peer {
  readonly version: string;
  readonly program?: string;
  /** What differs, as far as the version is to blame for nothing. */
  readonly isExplained: (query: string, ours: Answer, theirs: Answer) => boolean;
}

const OF_BUCKETS = /bucket label "le"|fixed for monotonicity/;
const PROMETHEUS_3 = process.env.HMS_OPS_PROMETHEUS_3;
/** Debian's, and beside it one of version 3, where its program is named: it tells of notes, too. */
const PEERS: readonly Peer[] = [
  {
    version: "2.42",
    isExplained: (query, ours, theirs) =>
      isRefusedByAge(query, theirs.error ?? "") || isOtherChoice(query, ours, theirs),
  },
  ...(PROMETHEUS_3 ? [{ version: "3", program: PROMETHEUS_3, isExplained: isExplainedBy35 }] : []),
];

const startMs = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;

interface Question {
  readonly query: string;
  readonly instant: boolean;
  /** Minutes after the data begins. */
  readonly minute: number;
  readonly stepS: number;
  /** Seconds that the asked end lies behind a step. */
  readonly beyondS: number;
}

function makeQuestion(random: Random): Question {
  const query = generateQuery(random);
  const instant = random.below(2) === 0;
  const minute = 25 + random.below(30);
  const stepS = random.pick([60, 120, 300]);
  const beyondS = random.pick([0, 37]);
  // Each tenth is broken, half of the others are written in an odd way.
  const written =
    random.below(10) === 0
      ? damage(random, query)
      : random.below(2) === 0
        ? disguise(random, query)
        : query;
  return { query: written, instant, minute, stepS, beyondS };
}

async function ask(url: string, question: Question): Promise<Answer> {
  const { query, instant, minute, stepS, beyondS } = question;
  const atS = startMs / 1000 + minute * 60;
  const times: Record<string, string> = instant
    ? { time: String(atS) }
    : { start: String(atS), end: String(atS + 1800 + beyondS), step: String(stepS) };
  const response = await fetch(`${url}/api/v1/query${instant ? "" : "_range"}`, {
    method: "POST",
    body: new URLSearchParams({ query, ...times }),
  });
  return (await response.json()) as Answer;
}

async function answeredByMain(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^hms_ops_queries_total\{.*thread="main"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
}

/**
 * Version 3.5 looks at counts step by step, and at none where nothing is there; later ones at once. It
 * has 2.42's fault with a pinned range in parentheses, too, and takes NaN for a length (until 3.12).
 * Of buckets that it lifted it tells only where they hold observations.
 */
function isExplainedBy35(query: string, ours: Answer, theirs: Answer): boolean {
  const isCount = /topk|bottomk/i.test(query) && ours.error === "Parameter value is NaN";
  const isNoLength = /offset\s+[-+]*nan/i.test(query) && ours.errorType === "bad_data";
  const infos = ours.infos?.filter((info) => !info.includes("fixed for monotonicity"));
  const isLifted =
    notesOf({ ...ours, infos }) === notesOf(theirs) && difference(ours, theirs) === "";
  return isCount || isNoLength || isLifted || theirs.error === "unexpected number of samples";
}

/**
 * Warnings and infos, but for what is worded otherwise since 3.5: of buckets they named the metric, and
 * so stood at several places where there is one now.
 */
function notesOf({ warnings = [], infos = [] }: Answer): string {
  const told = [...warnings, ...infos]
    .filter((note) => !note.includes("sort is ineffective"))
    .map((note) => note.replace(/ for metric name "[^"]*"|, from buckets .*(?= \()/g, ""))
    .map((note) => (OF_BUCKETS.test(note) ? note.replace(/ \(\d+:\d+\)$/, "") : note));
  return [...new Set(told)].sort().join("; ");
}

/** What differs, in words; empty when the answers are alike. */
function difference(ours: Answer, theirs: Answer): string {
  if (ours.status !== theirs.status || ours.errorType !== theirs.errorType) {
    return `ours ${ours.status} ${ours.error ?? ""}, theirs ${theirs.status} ${theirs.error ?? ""}`;
  }
  if (ours.data === undefined || theirs.data === undefined) return "";
  if (ours.data.resultType !== theirs.data.resultType) return "another result type";
  if (ours.data.resultType === "string") {
    const [a, b] = [ours, theirs].map(({ data }) => JSON.stringify(data?.result));
    return a === b ? "" : `${a} and ${b}`;
  }
  if (ours.data.resultType === "scalar") {
    const [a, b] = [ours.data.result, theirs.data.result] as [[number, string], [number, string]];
    return alike(a[1], b[1]) ? "" : `${a[1]} and ${b[1]}`;
  }
  const theirRows = rows(theirs.data.result as Series[]);
  const ourRows = rows(ours.data.result as Series[]);
  for (const [key, points] of ourRows) {
    const others = theirRows.get(key);
    if (others === undefined) return `ours alone has ${key}`;
    if (others.length !== points.length)
      return `${key}: ${points.length} and ${others.length} points`;
    for (const [i, [time, value]] of points.entries()) {
      const [otherTime, otherValue] = others[i] ?? [0, ""];
      if (time !== otherTime) return `${key}: at ${time} and ${otherTime}`;
      if (!alike(value, otherValue)) return `${key} at ${time}: ${value} and ${otherValue}`;
    }
  }
  const missing = [...theirRows.keys()].find((key) => !ourRows.has(key));
  return missing === undefined ? "" : `theirs alone has ${missing}`;
}

/**
 * Which of equals `topk` and `bottomk` keep has changed with 3.x (docs/promql-differences.md): the
 * values of each time are then the same, of whichever series.
 */
function isOtherChoice(query: string, ours: Answer, theirs: Answer): boolean {
  if (!/topk|bottomk/i.test(query) || !ours.data || !theirs.data) return false;
  const [mine, others] = [ours, theirs].map(({ data }) =>
    [...rows(data?.result as Series[]).values()].flat().sort(([a, x], [b, y]) => {
      return a - b || Number(x) - Number(y);
    }),
  ) as [[number, string][], [number, string][]];
  return (
    mine.length === others.length &&
    mine.every(([time, value], i) => time === others[i]![0] && alike(value, others[i]![1]))
  );
}

function rows(result: readonly Series[]): Map<string, [number, string][]> {
  return new Map(
    result.map(({ metric, value, values }) => [
      JSON.stringify(Object.entries(metric).sort()),
      values ?? (value ? [value] : []),
    ]),
  );
}

function alike(a: string, b: string): boolean {
  if (a === b) return true;
  const x = Number(a.replace("Inf", "Infinity"));
  const y = Number(b.replace("Inf", "Infinity"));
  if (Number.isNaN(x) && Number.isNaN(y)) return true;
  // Sums of values that cancel out leave rounding of about the size of the summands' last bit.
  return (
    Math.abs(x - y) <= TOLERANCE * Math.max(Math.abs(x), Math.abs(y)) || Math.abs(x - y) < 1e-12
  );
}

describe.skipIf(PROMETHEUS_MISSING).each(PEERS)(
  `answers as Prometheus $version does, seed ${SEED}`,
  ({ version, program, isExplained }) => {
    let hub: HubProcess;
    let prometheus: PrometheusPeer;

    beforeAll(async () => {
      const peer = startPrometheus(program === undefined ? {} : { program });
      [hub, prometheus] = await Promise.all([startHub(), peer]);
      const series = makeSeries(seededRandom(SEED), startMs);
      await Promise.all([hub, prometheus].map(({ url }) => remoteWrite(url, series)));
    });

    afterAll(async () => {
      await prometheus?.stop();
      if (!hub) return;
      await hub.stop();
      removeFolder(hub.folder);
    });

    it(`${QUERIES} generated queries, instant and range`, { timeout: 900_000 }, async () => {
      const random = seededRandom(SEED + 1);
      const problems: string[] = [];
      let [withResult, erroneous, withNotes, explained] = [0, 0, 0, 0];
      for (let i = 0; i < QUERIES; i++) {
        const question = makeQuestion(random);
        const [ours, theirs] = await Promise.all([
          ask(hub.url, question),
          ask(prometheus.url, question),
        ]);
        if (JSON.stringify(theirs.data?.result ?? []) !== "[]") withResult++;
        if (theirs.status === "error") erroneous++;
        // From the second time on main may answer, and cached steps may be in it.
        const again = await ask(hub.url, question);
        if (JSON.stringify(again) !== JSON.stringify(ours)) {
          problems.push(`${JSON.stringify(question)}: another answer when it is asked again`);
        }
        const notes = version === "2.42" ? ["", ""] : [notesOf(ours), notesOf(theirs)];
        if (notes[1] !== "") withNotes++;
        const found =
          difference(ours, theirs) || (notes[0] === notes[1] ? "" : notes.join(" and "));
        if (found && isExplained(question.query, ours, theirs)) explained++;
        else if (found) problems.push(`${JSON.stringify(question)}: ${found}`);
      }
      const differences = problems.length;
      const counts = { queries: QUERIES, withResult, erroneous, withNotes, explained, differences };
      const figures = Object.entries(counts).map(([name, count]) => [`${name}, ${version}`, count]);
      reportFigures(Object.fromEntries(figures));
      expect(await answeredByMain(hub.url)).toBeGreaterThan(0);
      expect(explained).toBeLessThan(QUERIES / 100);
      expect(withResult).toBeGreaterThan(QUERIES / 2);
      expect(problems).toEqual([]);
    });
  },
);
