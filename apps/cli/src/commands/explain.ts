import { type HubClient, HubError, type QueryCost } from "@hms-ops/client";
import { type Diagnostic, OpsError } from "@hms-ops/model";
import {
  adviseQuery,
  linePosition,
  type PlanStep,
  planSteps,
  prepareQuery,
  prettyPromql,
  QUERY_ERRORS,
  sentenceOf,
  whyNothing,
} from "@hms-ops/query";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatJson, formatTable } from "../output.ts";
import { seriesCatalog } from "../series-catalog.ts";

/** Parts that are asked one by one for their time; a longer plan is not measured in parts. */
const MOST_MEASURED_STEPS = 30;

export const explain: Command = {
  usage: "'EXPR'",
  examples: [
    "hms-ops explain 'sum by (job) (rate(requests_total[5m]))'",
    "hms-ops explain 'histogram_quantile(0.95, sum by (le) (rate(latency_ms_bucket[5m]))) > 200'",
    "hms-ops explain 'rate(temperature[5m])' --offline",
  ],
  flags: { "--offline": "ask no hub: the sentence, the plan and the warnings alone" },
  options: { offline: { type: "boolean" } },
  words: [1, 1],
  run: async (call) => {
    const [text = ""] = call.words;
    const { query, diagnostics } = prepareQuery(text);
    if (query === undefined) return refuse(text, diagnostics);
    const { expr } = query;
    const measured = call.values.offline ? undefined : await measure(call, planSteps(expr));
    const nothing =
      measured?.hub && measured.costs.at(-1)?.seriesCount === 0
        ? await whyNothing(expr, seriesCatalog(measured.hub))
        : [];
    const told: Told = {
      sentence: sentenceOf(expr),
      formatted: prettyPromql(expr),
      notes: [...adviseQuery(expr, { ...measured?.facts }), ...nothing].map((one) =>
        noteOf(text, one),
      ),
      steps: planSteps(expr).map((step, i) => ({ ...step, ...measured?.costs[i] })),
      hub: measured?.about ?? "",
    };
    const { output } = call.values;
    call.terminal.data(output === "json" ? formatJson(told) : format(told));
    return EXIT.ok;
  },
};

interface Note {
  /** `line:column`. */
  readonly position: string;
  readonly message: string;
  readonly suggestion: string;
}

interface Told {
  readonly sentence: string;
  readonly formatted: string;
  readonly notes: readonly Note[];
  readonly steps: readonly (PlanStep & Partial<QueryCost>)[];
  /** Which hub measured, or why none did; empty = none was asked. */
  readonly hub: string;
}

function refuse(text: string, diagnostics: readonly Diagnostic[]): never {
  const first = diagnostics[0];
  const { parse } = QUERY_ERRORS;
  const row = first?.suggestion ? { ...parse, mend: first.suggestion } : parse;
  const reason = first?.message ?? "it cannot be read";
  throw new OpsError(row, { position: linePosition(text, first?.from ?? 0), reason });
}

function noteOf(text: string, { from, message, suggestion = "" }: Diagnostic): Note {
  return { position: linePosition(text, from), message, suggestion };
}

interface Measured {
  readonly hub?: HubClient;
  readonly about: string;
  /** By step; undefined where a part was not measured. */
  readonly costs: readonly (QueryCost | undefined)[];
  readonly facts?: { typeOf(metricName: string): string | undefined };
}

/** Asks the hub for the whole and for each part by itself; without a hub the rest still stands. */
async function measure(call: Call, steps: readonly PlanStep[]): Promise<Measured> {
  const hub = call.hub();
  try {
    const families = await hub.metadata();
    const costs: (QueryCost | undefined)[] = [];
    for (const step of steps) {
      const isLast = step === steps[steps.length - 1];
      const isAsked = isLast || (steps.length <= MOST_MEASURED_STEPS && !isRawRange(step));
      costs.push(isAsked ? await hub.queryCost(step.expr) : undefined);
    }
    const typeOf = (name: string) => families.get(name)?.type;
    return { hub, about: `measured by ${hub.url}`, costs, facts: { typeOf } };
  } catch (error) {
    if (!(error instanceof HubError) || error.kind === "not-allowed") throw error;
    return { about: `not measured: ${error.message}`, costs: [] };
  }
}

/** Its answer would be the samples themselves. */
function isRawRange({ expr }: PlanStep): boolean {
  return prepareQuery(expr).query?.type === "matrix";
}

function format({ sentence, formatted, notes, steps, hub }: Told): string {
  const warnings = notes.flatMap(({ position, message, suggestion }) => [
    `  ${position}  ${message}\n`,
    ...(suggestion ? [`       ${suggestion}\n`] : []),
  ]);
  const isMeasured = steps.some(({ evaluateMs }) => evaluateMs !== undefined);
  const rows = steps.map((step) => {
    const takes = step.takes.length > 0 ? `of ${step.takes.join(", ")}` : "";
    const { seriesCount, samplesRead, evaluateMs } = step;
    const costs = [shown(evaluateMs?.toFixed(1)), shown(seriesCount), shown(samplesRead)];
    return [String(step.number), step.does, takes, ...(isMeasured ? costs : [])];
  });
  const head = ["", "step", "", ...(isMeasured ? ["ms so far", "series", "samples"] : [])];
  return [
    `${sentence}\n\n${formatted}\n\n`,
    ...(warnings.length > 0 ? ["Look again:\n", ...warnings, "\n"] : []),
    rows.length > 0 ? formatTable(head, rows) : "",
    hub && `${hub}\n`,
  ].join("");
}

function shown(value: number | string | undefined): string {
  return value === undefined ? "" : String(value);
}
