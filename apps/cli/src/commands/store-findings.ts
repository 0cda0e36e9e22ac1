import type { ReplayStatus, StoreDisk, StoreReport } from "@hms-ops/wire/api";
import { formatAge, formatBytes } from "../output.ts";
import type { Finding } from "./finding.ts";

const LEAST_FREE_SHARE = 0.1;
const SOON_DAYS = 30;
const DAY_MS = 86_400_000;
/** A limit that was last passed longer ago is history. */
const RECENT_HIT_MS = 3_600_000;
const SHOWN_HITS = 5;

/** Undefined when the hub has started. */
export function startingFinding({ min, max, current, state }: ReplayStatus): Finding | undefined {
  if (state === "done") return undefined;
  const finding =
    state === "waiting"
      ? "the hub opens its store"
      : `the hub reads its write-ahead log: segment ${current - min + 1} of ${max - min + 1}`;
  return { check: "start", state: "warning", finding, mend: "wait, then hms-ops doctor" };
}

export function storeFindings(report: StoreReport): readonly Finding[] {
  return [
    startFinding(report),
    ...damageFindings(report),
    diskFinding(report.disk, report.nowMs),
    ...limitFindings(report),
  ];
}

function startFinding({ start }: StoreReport): Finding {
  const { tookMs, segments, blocks, samples, tornTails, damagedStretches, orphanedRows } = start;
  const read = `read ${blocks} blocks, ${segments} log segments, ${samples} samples`;
  const took = `last start took ${(tookMs / 1_000).toFixed(1)} s, ${read}`;
  const cut = tornTails > 0 ? ", cut an unfinished end of the log (nothing acknowledged)" : "";
  if (damagedStretches + orphanedRows === 0) {
    return { check: "start", state: "ok", finding: `${took}${cut}`, mend: "" };
  }
  const lost = `${damagedStretches} damaged stretches of the log set aside, ${orphanedRows} rows lost their series`;
  const mend = "look into tsdb/wal/aside/ of the data folder, and check the disk";
  return { check: "start", state: "wrong", finding: `${took}${cut}; ${lost}`, mend };
}

function damageFindings({ damaged }: StoreReport): readonly Finding[] {
  return damaged.map(({ name, problem }) => ({
    check: `block ${name}`,
    state: "wrong",
    finding: `set aside: ${problem}`,
    mend: "stop the hub, then: hms-ops tsdb repair DIR (its data folder), or restore from a backup; check the disk",
  }));
}

function diskFinding(disk: StoreDisk, nowMs: number): Finding {
  const { freeBytes, totalBytes, usedBytes, growthBytesPerDay, expectedBytes, fullAtMs } = disk;
  const share = freeBytes / totalBytes;
  const free = `${formatBytes(freeBytes)} free (${Math.round(share * 100)} %)`;
  const growth =
    expectedBytes === null
      ? "growth is known once its blocks span an hour"
      : `grows ${formatBytes(growthBytesPerDay)} a day, to ${formatBytes(expectedBytes)} at the end of its retention`;
  const full = fullAtMs === null ? "" : `: full in ${formatAge(fullAtMs - nowMs)}`;
  const finding = `${free}, the store takes ${formatBytes(usedBytes)}, ${growth}${full}`;
  const isSoon = fullAtMs !== null && fullAtMs - nowMs < SOON_DAYS * DAY_MS;
  const state = share < LEAST_FREE_SHARE || isSoon ? "wrong" : fullAtMs === null ? "ok" : "warning";
  const mend = state === "ok" ? "" : "free space, or start with a shorter --retention";
  return { check: "disk", state, finding, mend };
}

function limitFindings({ limitHits, nowMs }: StoreReport): readonly Finding[] {
  const recent = limitHits.filter(({ lastMs }) => nowMs - lastMs < RECENT_HIT_MS);
  return recent.slice(0, SHOWN_HITS).map(({ limit, metric, source, count, lastMs, example }) => ({
    check: `limit ${limit}`,
    state: "warning",
    finding: `${count} ${count === 1 ? "sample" : "samples"} of ${metric || "a series without a name"} from ${source} refused, the last ${formatAge(nowMs - lastMs)} ago: ${example}`,
    mend: limit.startsWith("series")
      ? "take the label with ever new values out at its source; /cardinality shows which"
      : "shorten its labels, or leave some out, at its source",
  }));
}
