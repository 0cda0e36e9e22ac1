import type { QueryReply } from "@hms-ops/client";
import { formatLabels, OpsError, parseDurationMs, parseTimestampMs } from "@hms-ops/model";
import { type Call, type Command, textOf } from "../command.ts";
import { CLI_ERRORS } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { formatJson, formatTable, formatTime } from "../output.ts";

const DEFAULT_STEPS = 100;

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
    "-o csv": "rows of series, time, value",
  },
  options: { at: { type: "string" }, since: { type: "string" }, step: { type: "string" } },
  words: [1, 1],
  run: async (call) => {
    const reply = await ask(call);
    for (const text of [...reply.warnings, ...reply.infos]) call.terminal.say(`${text}\n`);
    call.terminal.data(format(reply, textOf(call.values.output) ?? "table"));
    return EXIT.ok;
  },
};

async function ask({ words, values, hub }: Call): Promise<QueryReply> {
  const [expr = ""] = words;
  const since = textOf(values.since);
  const at = textOf(values.at);
  if (since === undefined) {
    const timeMs = at === undefined ? undefined : (parseTimestampMs(at) ?? usage("--at", at));
    return hub().query(expr, { shortForms: true, ...(timeMs === undefined ? {} : { timeMs }) });
  }
  const sinceMs = parseDurationMs(since) ?? usage("--since", since);
  const step = textOf(values.step);
  const stepMs = step
    ? (parseDurationMs(step) ?? usage("--step", step))
    : Math.max(1000, Math.ceil(sinceMs / DEFAULT_STEPS / 1000) * 1000);
  const toMs = Date.now();
  return hub().queryRange(expr, { fromMs: toMs - sinceMs, toMs, stepMs, shortForms: true });
}

function usage(flag: string, given: string): never {
  const reason = `${flag} ${given} is not understood (15m, 1h30m; times as 2026-11-21T08:00:00Z)`;
  throw new OpsError(CLI_ERRORS.usage, { reason, command: "query" });
}

interface Row {
  readonly series: string;
  readonly timeMs: number;
  readonly value: string;
}

function format(reply: QueryReply, output: string): string {
  const rows = rowsOf(reply.value);
  if (output === "json") {
    const { warnings, infos, value } = reply;
    return formatJson({ kind: value.kind, rows, warnings, infos });
  }
  const cells = rows.map(({ series, timeMs, value }) => [series, formatTime(timeMs), value]);
  if (output === "csv") return [["series", "time", "value"], ...cells].map(csvLine).join("");
  if (rows.length === 0) return "no data: no series matches at that time\n";
  return formatTable(["series", "time", "value"], cells);
}

function rowsOf(value: QueryReply["value"]): readonly Row[] {
  if (value.kind === "scalar" || value.kind === "string") {
    return [{ series: value.kind, timeMs: value.timeMs, value: String(value.value) }];
  }
  if (value.kind === "vector") {
    return value.elements.map(({ labels, timeMs, value: number }) => ({
      series: formatLabels(labels),
      timeMs,
      value: String(number),
    }));
  }
  return value.series.flatMap(({ labels, timesMs, values }) =>
    [...timesMs].map((timeMs, i) => ({
      series: formatLabels(labels),
      timeMs,
      value: String(values[i]),
    })),
  );
}

function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) =>
    /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return `${quoted.join(",")}\n`;
}
