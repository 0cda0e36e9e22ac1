import { labelValue, type MatrixSeries, type TimestampMs, type Unit } from "@hms-ops/model";
import { evenValues } from "../board/readout-models.ts";
import type { RangePicture } from "../live/range-picture.ts";
import { formatValue } from "../numbers/format.ts";
import { formatSpan } from "../numbers/spans.ts";
import { summarize } from "../series/points.ts";
import { countWord } from "../series/sentence.ts";
import { compareStates, type StatusState, stateWord } from "../states/status.ts";
import { formatClock } from "../time/clock-text.ts";
import type { OpenAlert, OverviewModel, ServiceTile, TileFigure } from "./model.ts";
import type { OverviewQueryId } from "./queries.ts";

export interface OverviewInput {
  readonly pictures: Readonly<Partial<Record<OverviewQueryId, RangePicture>>>;
  readonly alerts: readonly OpenAlert[];
  /** What the hub collects from, with what kept it from the last time; empty when nothing did. */
  readonly sources: readonly ScrapedSource[];
  readonly nowMs: TimestampMs;
  readonly zone: string;
}

interface ScrapedSource {
  readonly job: string;
  readonly instance: string;
  readonly lastError: string;
}

/** A service whose last sample is older than this many steps is silent. */
const SILENT_AFTER_STEPS = 2.5;

/** Home as data: title sentence, counts, tiles worst first, open alerts. */
export function overviewModel(input: OverviewInput): OverviewModel {
  const { alerts } = input;
  const tiles = serviceTiles(input);
  const counts = { ok: 0, warn: 0, crit: 0, none: 0, mute: 0 };
  for (const { state } of tiles) counts[state]++;
  return {
    title: titleSentence(counts),
    counts,
    tiles,
    alerts,
    firing: alerts.filter(({ state }) => state === "firing").length,
    pending: alerts.filter(({ state }) => state === "pending").length,
  };
}

/** `One service is failing. Two need attention.` */
export function titleSentence(counts: Readonly<Record<StatusState, number>>): string {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (all === 0) return "No service has reported yet.";
  const parts: string[] = [];
  const say = (count: number, one: string, many: string) => {
    if (count === 0) return;
    const subject = parts.length > 0 ? "" : count === 1 ? " service" : " services";
    parts.push(`${countWord(count)}${subject} ${count === 1 ? one : many}.`);
  };
  say(counts.crit, "is failing", "are failing");
  say(counts.warn, "needs attention", "need attention");
  say(counts.none, "is silent", "are silent");
  if (parts.length > 0) return parts.join(" ");
  return all === 1 ? "The one service is working." : `All ${all} services are working.`;
}

function serviceTiles(input: OverviewInput): readonly ServiceTile[] {
  const tiles = serviceNames(input).map((service) => serviceTile(service, input));
  return tiles.sort(
    (a, b) => compareStates(a.state, b.state) || a.service.localeCompare(b.service),
  );
}

/** A service is what its `service` label says, else its job. */
function serviceOf({ labels }: MatrixSeries): string {
  return labelValue(labels, "service") || labelValue(labels, "job");
}

function serviceNames({ pictures }: OverviewInput): readonly string[] {
  const names = new Set<string>();
  const jobsWithServices = new Set<string>();
  for (const id of ["requests", "errors", "p95Ms"] as const) {
    for (const series of pictures[id]?.series ?? []) {
      names.add(serviceOf(series));
      if (labelValue(series.labels, "service")) {
        jobsWithServices.add(labelValue(series.labels, "job"));
      }
    }
  }
  // `up` knows jobs alone; a job that reports for named services is not one more.
  for (const series of pictures.up?.series ?? []) {
    if (!jobsWithServices.has(serviceOf(series))) names.add(serviceOf(series));
  }
  names.delete("");
  return [...names];
}

interface Reading {
  readonly current: number | undefined;
  readonly lastMs: number | undefined;
  readonly spark: readonly number[];
}

function serviceTile(service: string, input: OverviewInput): ServiceTile {
  const { pictures, nowMs, zone } = input;
  const read = (id: OverviewQueryId) => readingOf(pictures[id], service);
  const requests = read("requests");
  const errors = read("errors");
  const p95 = read("p95Ms");
  const up = read("up");
  const share = shareOf(errors.current, requests.current);
  const open = input.alerts.filter((alert) => isAbout(alert, service));
  const lastMs = Math.max(0, ...[requests, errors, p95, up].map((one) => one.lastMs ?? 0));
  const silent = [requests, errors, p95, up].every(({ current }) => current === undefined);
  const state = tileState(open, up.current, silent);
  const sparks = { requests, errors: errorSparks(errors, requests), p95 };
  return {
    service,
    state,
    stateWord: stateWord(state),
    requestsPerMin: requests.current,
    errorShare: share,
    p95Ms: p95.current,
    figures: [
      figure("Requests", requests.current, "per-minute", sparks.requests.spark, "calm"),
      figure("Errors", share, "share", sparks.errors, blamed(open, /error|fail/i)),
      figure(
        "p95",
        p95.current,
        "ms",
        sparks.p95.spark,
        blamed(open, /latency|slow|p95|duration/i),
      ),
    ],
    note: tileNote({
      open,
      silent,
      failure: up.current === 0 ? failureOf(input.sources, service) : "",
      lastMs,
      nowMs,
      zone,
    }),
  };
}

function readingOf(picture: RangePicture | undefined, service: string): Reading {
  const series = picture?.series.find((one) => serviceOf(one) === service);
  if (!picture || !series) return { current: undefined, lastMs: undefined, spark: [] };
  const { last, lastMs } = summarize(series);
  const known = !Number.isNaN(last);
  const fresh = known && picture.range.toMs - lastMs <= SILENT_AFTER_STEPS * picture.stepMs;
  return {
    current: fresh ? last : undefined,
    lastMs: known ? lastMs : undefined,
    spark: evenValues(series, picture),
  };
}

/** No error was ever counted where requests are: that is a share of 0, not a missing one. */
function shareOf(errors: number | undefined, requests: number | undefined): number | undefined {
  if (requests === undefined) return undefined;
  if (requests === 0) return errors ? undefined : 0;
  return (errors ?? 0) / requests;
}

function errorSparks(errors: Reading, requests: Reading): readonly number[] {
  return requests.spark.map((requestsHere, i) => {
    const errorsHere = errors.spark[i];
    if (Number.isNaN(requestsHere)) return Number.NaN;
    const share = shareOf(Number.isNaN(errorsHere) ? undefined : errorsHere, requestsHere);
    return share ?? Number.NaN;
  });
}

function isAbout(alert: OpenAlert, service: string): boolean {
  return alert.service === service || alert.labels.job === service;
}

function tileState(
  open: readonly OpenAlert[],
  up: number | undefined,
  silent: boolean,
): StatusState {
  const firing = open.filter(({ state }) => state === "firing");
  if (firing.some(({ severity }) => severity === "crit")) return "crit";
  if (silent || up === 0) return "none";
  return open.length > 0 ? "warn" : "ok";
}

/** The figure that a firing alert's name speaks of wears its colour. */
function blamed(open: readonly OpenAlert[], about: RegExp): TileFigure["state"] {
  const named = open.filter(({ name, state }) => state === "firing" && about.test(name));
  if (named.length === 0) return "calm";
  return named.some(({ severity }) => severity === "crit") ? "crit" : "warn";
}

function figure(
  name: string,
  value: number | undefined,
  unit: Unit,
  values: readonly number[],
  state: TileFigure["state"],
): TileFigure {
  return { name, value: formatValue(value, unit), state, spark: { values, state } };
}

/** `The last scrape of 10.0.0.7:8000 failed: connect ECONNREFUSED 10.0.0.7:8000` */
function failureOf(sources: readonly ScrapedSource[], service: string): string {
  const failed = sources.filter(({ job, lastError }) => job === service && lastError !== "");
  const [first, ...more] = failed;
  // The hub may not scrape it itself, or have read it well by now.
  if (!first) return "The last scrape failed";
  const others = more.length > 0 ? `; ${more.length} more failed` : "";
  return `The last scrape of ${first.instance} failed: ${first.lastError}${others}`;
}

interface NoteInput {
  readonly open: readonly OpenAlert[];
  readonly silent: boolean;
  /** Of its last scrape; empty when that went well. */
  readonly failure: string;
  readonly lastMs: number;
  readonly nowMs: number;
  readonly zone: string;
}

function tileNote({ open, silent, failure, lastMs, nowMs, zone }: NoteInput): string {
  if (silent && lastMs > 0) {
    const clock = formatClock(lastMs, zone);
    return `Silent for ${formatSpan(nowMs - lastMs)}, last heartbeat ${clock}`;
  }
  if (failure !== "") return failure;
  const [first, ...more] = open;
  if (!first) return "";
  const since = `${first.name} ${first.state} for ${formatSpan(nowMs - first.sinceMs)}`;
  return more.length > 0 ? `${since}, and ${more.length} more` : since;
}
