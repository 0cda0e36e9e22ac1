import { type HubClient, HubError } from "@hms-ops/client";
import { type Diagnostic, OpsError } from "@hms-ops/model";
import {
  adviseQuery,
  bindShortForms,
  linePosition,
  type PlanStep,
  parsePromql,
  planSteps,
  prepareQuery,
  prettyPromql,
  QUERY_ERRORS,
  sentenceOf,
} from "@hms-ops/query";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatNotes, type Note } from "../notes.ts";
import { formatJson, formatTable } from "../output.ts";

export const explain: Command = {
  usage: "'EXPR'",
  examples: [
    "hms-ops explain 'sum by (job) (rate(requests_total[5m]))'",
    "hms-ops explain 'histogram_quantile(0.95, sum by (le) (rate(latency_ms_bucket[5m]))) > 200'",
    "hms-ops explain 'latency_ms'",
    "hms-ops explain 'IF claims_total PER minute < 60 FOR 5 min' --offline",
  ],
  flags: {
    "--offline": "ask no hub: the sentence, the plan and the warnings alone",
    "--promql": "take the text as strict PromQL: no short forms, no conditions in words",
    "": "Short forms and conditions in words are read as Explore reads them; what a bare name stands for only a hub knows.",
  },
  options: { offline: { type: "boolean" }, promql: { type: "boolean" } },
  words: [1, 1],
  run: async ({ words, values, terminal, hub }) => {
    const [text = ""] = words;
    const question = { text, shortForms: values.promql !== true };
    const told = values.offline ? await readAlone(question, "") : await askHub(hub(), question);
    terminal.data(values.output === "json" ? formatJson(told) : format(told));
    return EXIT.ok;
  },
};

interface Question {
  readonly text: string;
  readonly shortForms: boolean;
}

interface Told {
  readonly sentence: string;
  /** What is evaluated. */
  readonly promql: string;
  /** The same, as it is usually written. */
  readonly formatted: string;
  /** What short forms were turned into, in words. */
  readonly rewritten: readonly string[];
  readonly notes: readonly Note[];
  readonly steps: readonly (PlanStep & Partial<StepCost>)[];
  /** Which hub measured, or why none did; empty = none was asked. */
  readonly hub: string;
}

interface StepCost {
  /** With all that the step takes, run by itself. */
  readonly totalMs: number;
  readonly seriesCount: number;
  readonly samplesRead: number;
}

type Explanation = Awaited<ReturnType<HubClient["explain"]>>;

/** As Explore asks. Without a hub what can be read without one still stands. */
async function askHub(hub: HubClient, question: Question): Promise<Told> {
  const { text, shortForms } = question;
  const asked = { shortForms, drawn: true };
  const nowMs = Date.now();
  const run = { fromMs: nowMs, toMs: nowMs, stepMs: 1_000 };
  try {
    const explanation = await hub.explain(text, { ...asked, run });
    return toldByHub(explanation, `measured by ${hub.url}`);
  } catch (error) {
    if (!(error instanceof HubError) || error.kind === "not-allowed") throw error;
    const about = `not measured: ${error.message}`;
    // What cannot be run can still be explained, with what the hub knows of its metrics.
    if (error.kind !== "refused") return await readAlone(question, about);
    return toldByHub(await hub.explain(text, asked), about);
  }
}

function toldByHub(explanation: Explanation, hub: string): Told {
  const { promql, sentence, rewritten, notes, steps } = explanation;
  if (promql === "") return refuse(notes[0]);
  const { expr } = parsePromql(promql);
  return {
    sentence,
    promql,
    formatted: expr ? prettyPromql(expr) : promql,
    rewritten,
    notes: notes.map(({ position, message, suggestion }) => ({ position, message, suggestion })),
    steps: steps.map(({ cost, ...step }) => ({ ...step, ...cost })),
    hub,
  };
}

/** Without a hub no metric is known: bare names stay as they are, and nothing is measured. */
async function readAlone({ text, shortForms }: Question, hub: string): Promise<Told> {
  const nothing = { exists: async () => false };
  const bound = shortForms
    ? await bindShortForms(text, nothing, { drawn: true })
    : { text, notes: [], diagnostics: [] };
  const unread = bound.diagnostics.find(({ severity }) => severity === "error");
  if (unread) return refuse(noteOf(text, unread));
  const { query, diagnostics } = prepareQuery(bound.text);
  // Places in what a text was turned into are none in the text.
  const place = (one: Diagnostic) => noteOf(text, bound.text === text ? one : { ...one, from: 0 });
  if (query === undefined) return refuse(diagnostics[0] && place(diagnostics[0]));
  const { expr } = query;
  return {
    sentence: sentenceOf(expr),
    promql: bound.text,
    formatted: prettyPromql(expr),
    rewritten: bound.notes,
    notes: [...bound.diagnostics, ...adviseQuery(expr, {})].map(place),
    steps: planSteps(expr),
    hub,
  };
}

function refuse(note: Note | undefined): never {
  const { parse } = QUERY_ERRORS;
  const row = note?.suggestion ? { ...parse, mend: note.suggestion } : parse;
  const { position = "1:1", message: reason = "it cannot be read" } = note ?? {};
  throw new OpsError(row, { position, reason });
}

function noteOf(text: string, { from, message, suggestion = "" }: Diagnostic): Note {
  return { position: linePosition(text, from), message, suggestion };
}

/** The mini dialect's note is the PromQL itself, which is printed anyway. */
function isInWords(note: string): boolean {
  return !note.startsWith("in PromQL: ");
}

function format({ sentence, formatted, rewritten, notes, steps, hub }: Told): string {
  const understood = rewritten.filter(isInWords).map((note) => `  ${note}\n`);
  const isMeasured = steps.some(({ totalMs }) => totalMs !== undefined);
  const rows = steps.map((step) => {
    const takes = step.takes.length > 0 ? `of ${step.takes.join(", ")}` : "";
    const { seriesCount, samplesRead, totalMs } = step;
    const costs = [shown(totalMs?.toFixed(1)), shown(seriesCount), shown(samplesRead)];
    return [String(step.number), step.does, takes, ...(isMeasured ? costs : [])];
  });
  const head = ["", "step", "", ...(isMeasured ? ["ms so far", "series", "samples"] : [])];
  return [
    `${sentence}\n\n${formatted}\n\n`,
    ...(understood.length > 0 ? ["Understood:\n", ...understood, "\n"] : []),
    ...(notes.length > 0 ? [`Look again:\n${formatNotes(notes)}\n`] : []),
    rows.length > 0 ? formatTable(head, rows) : "",
    hub && `${hub}\n`,
  ].join("");
}

function shown(value: number | string | undefined): string {
  return value === undefined ? "" : String(value);
}
