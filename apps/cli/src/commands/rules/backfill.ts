import {
  type BackfillDoors,
  type BackfillReport,
  type BackfillRequest,
  backfillRules,
  RULE_INTERVAL_MS,
  type RuleGroup,
} from "@hms-ops/control";
import {
  type MatrixSeries,
  type MetricStore,
  OpsError,
  parseDurationMs,
  parseTimestampMs,
  type StepGrid,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { prepareQuery, runQuery } from "@hms-ops/query";
import { openStoreSink } from "@hms-ops/stores/tsdb/tools";
import { type Call, type Command, textOf } from "../../command.ts";
import { CLI_ERRORS } from "../../errors.ts";
import { EXIT, type ExitCode } from "../../exit-codes.ts";
import { formatJson, formatTime } from "../../output.ts";
import { formatProblems } from "../../rules-report.ts";
import { formatCount } from "../tsdb/amounts.ts";
import { findPlace, lockForWriting } from "../tsdb/data-folder.ts";
import { refuse } from "../tsdb/flags.ts";
import { hubSink } from "../tsdb/hub-sink.ts";
import { toolContext } from "../tsdb/tool-context.ts";
import { hasErrors, readRuleFiles, ruleFilesOf } from "./rule-files.ts";

const NAME = "rules backfill";
const PROGRESS_EVERY_MS = 2_000;
const QUERY_TIMEOUT_MS = 120_000;
const LOOKBACK_MS = 5 * 60_000;
const SUBQUERY_STEP_MS = 60_000;

export const backfill: Command = {
  usage: "FILE|FOLDER… --start TIME",
  examples: [
    "hms-ops rules backfill rules.yml --start 2026-11-01T00:00:00Z",
    "hms-ops rules backfill rules.yml --start 2026-11-01T00:00:00Z --end 2026-11-08T00:00:00Z --into hms-ops-data",
  ],
  flags: {
    "--start TIME": "the first time to record (RFC 3339 or seconds)",
    "--end TIME": "the last one; else now",
    "--into FOLDER": "the data folder of a hub that is stopped; histograms stay exact",
    "without --into": "in the running hub, which evaluates, and takes the samples by remote write",
    "--eval-interval TIME": `of groups that name none; else ${RULE_INTERVAL_MS / 1000}s, as in the hub`,
    "": "Recording rules alone: alerts are not evaluated. Repeating it changes nothing.",
  },
  options: {
    start: { type: "string" },
    end: { type: "string" },
    into: { type: "string" },
    "eval-interval": { type: "string" },
  },
  words: [1, Number.POSITIVE_INFINITY],
  run: async (call) => {
    const { words, values, terminal } = call;
    const range = readRange(values);
    const { groups, problems } = await readRuleFiles(ruleFilesOf(words));
    terminal.say(formatProblems(problems.filter(({ severity }) => severity === "error")));
    if (hasErrors(problems)) return EXIT.failure;
    const intervalMs = readInterval(textOf(values["eval-interval"]));
    const report = await deliver(call, { ...range, groups, intervalMs });
    if (values.output === "json") terminal.data(formatJson(jsonOf(report)));
    else terminal.data(formatReport(report));
    return exitCode(report);
  },
};

function readRange(values: Call["values"]): { readonly fromMs: number; readonly toMs: number } {
  const read = (flag: string, text: string) =>
    parseTimestampMs(text) ??
    refuse(NAME, `--${flag} ${text} is no time: 2026-11-21T08:00:00Z or seconds`);
  const start = textOf(values.start);
  if (start === undefined) return refuse(NAME, "--start TIME is needed");
  const end = textOf(values.end);
  const fromMs = read("start", start);
  const toMs = end === undefined ? Date.now() : read("end", end);
  if (fromMs > toMs) refuse(NAME, `--start ${formatTime(fromMs)} is after ${formatTime(toMs)}`);
  return { fromMs, toMs };
}

function readInterval(text: string | undefined): number {
  if (text === undefined) return RULE_INTERVAL_MS;
  return parseDurationMs(text) || refuse(NAME, `--eval-interval ${text} is no duration like 1m`);
}

type Past = Omit<BackfillRequest, "fileOf">;

async function deliver(call: Call, past: Past): Promise<BackfillReport> {
  const progress = progressOf(call);
  const into = textOf(call.values.into);
  if (into === undefined) return inHub(call, past, progress);
  const place = await findPlace(into);
  const lock = await lockForWriting(place);
  try {
    const sink = await openStoreSink(place.storeFolder, toolContext());
    try {
      const evaluate = (expr: string, grid: StepGrid) => evaluateHere(sink, expr, grid);
      const doors = { evaluate, append: sink.append, progress };
      return await backfillRules({ ...past, fileOf: ({ file }) => file }, doors);
    } finally {
      await sink.close();
    }
  } finally {
    lock.release();
  }
}

async function evaluateHere(
  store: Pick<MetricStore, "snapshot">,
  expr: string,
  grid: StepGrid,
): Promise<readonly MatrixSeries[]> {
  const { query, diagnostics } = prepareQuery(expr);
  if (!query) {
    const reason = diagnostics[0]?.message ?? `${expr} cannot be read`;
    throw new OpsError(CLI_ERRORS.usage, { reason, command: NAME });
  }
  const { value } = await runQuery(query, store, {
    grid,
    instant: false,
    lookbackMs: LOOKBACK_MS,
    budget: UNLIMITED_BUDGET,
    defaultStepMs: SUBQUERY_STEP_MS,
  });
  return value.kind === "matrix" ? value.series : [];
}

/** The hub's own rules of the same group and name say in which slots the group runs there. */
async function inHub(
  { hub }: Call,
  past: Past,
  progress: BackfillDoors["progress"],
): Promise<BackfillReport> {
  const client = hub();
  const { rules } = await client.rules();
  const fileOf = ({ name, file, rules: own }: RuleGroup) => {
    const isSame = (rule: (typeof rules)[number]) =>
      rule.group === name && own.some((one) => one.kind === rule.kind && one.name === rule.name);
    return rules.find(isSame)?.origin ?? file;
  };
  const evaluate = async (expr: string, { startMs, stepMs, count }: StepGrid) => {
    const { value } = await client.queryRange(expr, {
      fromMs: startMs,
      toMs: startMs + (count - 1) * stepMs,
      stepMs,
      timeoutMs: QUERY_TIMEOUT_MS,
    });
    return value.kind === "matrix" ? value.series : [];
  };
  return backfillRules({ ...past, fileOf }, { evaluate, append: hubSink(client), progress });
}

function progressOf({ terminal }: Call): BackfillDoors["progress"] {
  let saidMs = Date.now();
  return ({ accepted }, reachedMs) => {
    if (Date.now() - saidMs < PROGRESS_EVERY_MS) return;
    saidMs = Date.now();
    terminal.say(`${formatTime(reachedMs)}: ${formatCount(accepted)} samples\n`);
  };
}

function jsonOf(report: BackfillReport) {
  const { accepted, recordingRules, alertingRules, problems } = report;
  const rejections = Object.fromEntries(report.rejections);
  return { accepted, recordingRules, alertingRules, problems, rejections };
}

function formatReport(report: BackfillReport): string {
  const { accepted, recordingRules, alertingRules, problems, rejections } = report;
  const lines = [`${recordingRules} recording rules: ${formatCount(accepted)} samples are there`];
  if (alertingRules > 0) lines.push(`${alertingRules} alerting rules were not evaluated`);
  for (const [reason, { count, example }] of rejections) {
    lines.push(`${formatCount(count)} refused, ${reason}: ${example}`);
  }
  return [...lines, ...problems].map((line) => `${line}\n`).join("");
}

function exitCode({ accepted, problems, rejections }: BackfillReport): ExitCode {
  if (problems.length === 0 && rejections.size === 0) return EXIT.ok;
  return accepted > 0 ? EXIT.findings : EXIT.failure;
}
