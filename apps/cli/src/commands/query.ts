import { HubError, type QueryReply } from "@hms-ops/client";
import {
  formatLabels,
  type NativeHistogram,
  OpsError,
  parseDurationMs,
  parseTimestampMs,
} from "@hms-ops/model";
import { histogramText, parsePromql } from "@hms-ops/query";
import { formatSampleValue } from "@hms-ops/wire/prometheus-api";
import { type Call, type Command, textOf } from "../command.ts";
import { CLI_ERRORS } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { histogramBars, histogramJson, histogramSummary } from "../histogram-output.ts";
import { formatNotes } from "../notes.ts";
import { formatJson, formatTable, formatTime } from "../output.ts";

const DEFAULT_STEPS = 100;
/** What Prometheus, and so the hub, says of a range with more steps than it answers. */
const TOO_MANY_STEPS = "(?step=XX)";
/** Histograms whose buckets are drawn; more would be read by nobody. */
const MOST_DRAWN = 10;

const SHORT_FORMS_HELP =
  "A name alone is read as usual: with --since x_total is rate(x_total[5m]); (x_total) is not.";
const STRICTLY = "--promql takes the text as it is written\n";
/** How Prometheus begins what it says of an answer; notes of short forms begin with a name. */
const OF_ANSWER = /^PromQL (?:info|warning): /;

export const query: Command = {
  usage: "'EXPR'",
  examples: [
    "hms-ops query 'up'",
    "hms-ops query 'latency_ms_p95' --at 2026-11-21T08:00:00Z",
    "hms-ops query 'sum(rate(requests_total[5m]))' --since 1h --step 30s -o csv",
  ],
  flags: {
    "--at TIME": "evaluate at that time (RFC 3339 or seconds); else now",
    "--since DURATION": "evaluate from that long ago until now: 15m, 1h, 7d",
    "--step DURATION": `distance of two points with --since; else a ${DEFAULT_STEPS}th of it`,
    "--promql": "take the text as strict PromQL: no short forms, no conditions in words",
    "-o csv": "rows of series, time, value",
    "": SHORT_FORMS_HELP,
  },
  options: {
    at: { type: "string" },
    since: { type: "string" },
    step: { type: "string" },
    promql: { type: "boolean" },
  },
  moreOutputs: ["csv"],
  words: [1, 1],
  run: async (call) => {
    const asked = readQuestion(call);
    const reply = await ask(call, asked);
    for (const text of [...reply.warnings, ...reply.infos]) call.terminal.say(`${text}\n`);
    if (isReadOtherwise(asked, reply)) call.terminal.say(STRICTLY);
    const output = textOf(call.values.output) ?? "table";
    call.terminal.data(format(reply, output));
    if (rowsOf(reply.value).length === 0) call.terminal.say(await whyNothing(call, asked, output));
    return EXIT.ok;
  },
};

/** PromQL that was read as something else than it says. */
function isReadOtherwise({ expr }: Question, { infos }: QueryReply): boolean {
  return infos.some((info) => !OF_ANSWER.test(info)) && parsePromql(expr).expr !== undefined;
}

interface Question {
  readonly expr: string;
  readonly shortForms: boolean;
  /** Undefined: of one time. */
  readonly range: QueryRange | undefined;
  /** Undefined: now, by the hub's clock. */
  readonly timeMs: number | undefined;
}

interface QueryRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

function readQuestion({ words, values }: Call): Question {
  const [expr = ""] = words;
  const since = textOf(values.since);
  const at = textOf(values.at);
  const step = textOf(values.step);
  const shortForms = values.promql !== true;
  if (since === undefined) {
    if (step !== undefined) refuse("--step goes with --since");
    const timeMs = at === undefined ? undefined : (parseTimestampMs(at) ?? usage("--at", at));
    return { expr, shortForms, range: undefined, timeMs };
  }
  if (at !== undefined) refuse("--at and --since exclude each other: --since ends now");
  const sinceMs = parseDurationMs(since) ?? usage("--since", since);
  const stepMs = step
    ? (parseDurationMs(step) ?? usage("--step", step))
    : Math.max(1000, Math.ceil(sinceMs / DEFAULT_STEPS / 1000) * 1000);
  const toMs = Date.now();
  return { expr, shortForms, range: { fromMs: toMs - sinceMs, toMs, stepMs }, timeMs: undefined };
}

async function ask({ hub }: Call, { expr, shortForms, range, timeMs }: Question) {
  if (range === undefined) {
    return await hub().query(expr, { shortForms, ...(timeMs === undefined ? {} : { timeMs }) });
  }
  try {
    return await hub().queryRange(expr, { ...range, shortForms });
  } catch (error) {
    if (error instanceof HubError && error.message.includes(TOO_MANY_STEPS)) tooManySteps(range);
    throw error;
  }
}

/** The hub's words are Prometheus' and name a parameter of its address. */
function tooManySteps({ fromMs, toMs, stepMs }: QueryRange): never {
  const points = Math.floor((toMs - fromMs) / stepMs) + 1;
  refuse(
    `${points} points a series are more than a hub answers (11,000): give a longer --step or a shorter --since`,
  );
}

/**
 * Why there is no answer: what is not there of what the expression selects, and what is near, or
 * which part of it makes nothing of something; empty where the hub cannot say.
 */
async function whyNothing({ hub }: Call, asked: Question, output: string): Promise<string> {
  const { expr, shortForms, range, timeMs = Date.now() } = asked;
  const run = range ?? { fromMs: timeMs, toMs: timeMs, stepMs: 1_000 };
  try {
    const { notes } = await hub().explain(expr, { shortForms, drawn: range !== undefined, run });
    // To a script, that a condition does not hold is the answer: it hears of mistakes alone.
    const isTold = ({ about, severity }: (typeof notes)[number]) =>
      about === "series" && (output === "table" || severity !== "info");
    return formatNotes(notes.filter(isTold));
  } catch (error) {
    // The answer came, and that it is empty is told: a hub that cannot say why takes nothing from it.
    if (error instanceof HubError) return "";
    throw error;
  }
}

function usage(flag: string, given: string): never {
  refuse(`${flag} ${given} is not understood (15m, 1h30m; times as 2026-11-21T08:00:00Z)`);
}

function refuse(reason: string): never {
  throw new OpsError(CLI_ERRORS.usage, { reason, command: "query" });
}

interface Row {
  readonly series: string;
  readonly timeMs: number;
  /** Of a histogram, all of it in one line. */
  readonly value: string;
  readonly histogram?: NativeHistogram;
}

function format(reply: QueryReply, output: string): string {
  const rows = rowsOf(reply.value);
  if (output === "json") {
    const { warnings, infos, value } = reply;
    const shown = rows.map(({ histogram, ...row }) =>
      histogram ? { ...row, histogram: histogramJson(histogram) } : row,
    );
    return formatJson({ kind: value.kind, rows: shown, warnings, infos });
  }
  const cells = (shown: (row: Row) => string) =>
    rows.map((row) => [row.series, formatTime(row.timeMs), shown(row)]);
  const head = ["series", "time", "value"];
  if (output === "csv") return [head, ...cells(({ value }) => value)].map(csvLine).join("");
  if (rows.length === 0) return "no data: nothing answers at that time\n";
  const short = ({ histogram, value }: Row) => (histogram ? histogramSummary(histogram) : value);
  const table = formatTable(head, cells(short));
  return reply.value.kind === "vector" ? table + bucketsText(rows) : table;
}

/** The buckets of the first histograms, each under its series. */
function bucketsText(rows: readonly Row[]): string {
  const drawn = rows.filter(({ histogram }) => histogram !== undefined);
  const blocks = drawn.slice(0, MOST_DRAWN).map(({ series, histogram }) => {
    return histogram ? `\n${series}\n${histogramBars(histogram)}` : "";
  });
  const more = drawn.length - blocks.length;
  if (more > 0) blocks.push(`\n${more} more histograms: -o json shows their buckets\n`);
  return blocks.join("");
}

function rowsOf(value: QueryReply["value"]): readonly Row[] {
  if (value.kind === "scalar") return [rowOf(value.kind, value.timeMs, value.value)];
  if (value.kind === "string") {
    return [{ series: value.kind, timeMs: value.timeMs, value: value.value }];
  }
  if (value.kind === "vector") {
    return value.elements.map(({ labels, timeMs, value: number, histogram }) =>
      rowOf(formatLabels(labels), timeMs, histogram ?? number),
    );
  }
  return value.series.flatMap(({ labels, timesMs, values, histograms = [] }) => {
    const series = formatLabels(labels);
    const floats = [...timesMs].map((timeMs, i) => rowOf(series, timeMs, values[i] ?? Number.NaN));
    const others = histograms.map(([timeMs, histogram]) => rowOf(series, timeMs, histogram));
    return [...floats, ...others].sort((a, b) => a.timeMs - b.timeMs);
  });
}

function rowOf(series: string, timeMs: number, value: number | NativeHistogram): Row {
  if (typeof value === "number") return { series, timeMs, value: formatSampleValue(value) };
  return { series, timeMs, value: histogramText(value), histogram: value };
}

function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) =>
    /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return `${quoted.join(",")}\n`;
}
