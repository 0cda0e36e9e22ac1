import type { Diagnostic } from "@hms-ops/model";
import {
  type AnswerOfPart,
  adviseQuery,
  adviseRanges,
  bindShortForms,
  type Expr,
  type IntervalOf,
  type LanguageFeatures,
  linePosition,
  type MetricCatalog,
  type MetricFacts,
  parsePromql,
  planSteps,
  prepareQuery,
  prettyPromql,
  type SeriesCatalog,
  sentenceOf,
  whyEmpty,
  whyNothing,
} from "@hms-ops/query";
import type { ExplainNote, ExplainStep, Explanation } from "@hms-ops/wire/api";
import { fixesOf } from "./fixes.ts";
import { perTimeOf, perWordFix } from "./per-time.ts";
import { type Place, placeIn, startIn } from "./places.ts";
import { type CostOfPart, measureParts } from "./step-costs.ts";

/** What is asked, and what the explanation may look up. */
export interface ExplainQuestion {
  readonly text: string;
  readonly shortForms: boolean;
  /** Drawn over time: the bare name of a counter means its rate. */
  readonly drawn: boolean;
  readonly features: LanguageFeatures;
  readonly facts: MetricFacts;
  readonly metrics: MetricCatalog;
  readonly series: SeriesCatalog;
  readonly intervalOf: IntervalOf;
  /** Runs a part of the expression; undefined: nothing is to be run. */
  readonly costOf: CostOfPart | undefined;
  /** The answer of a part, for why the whole has none; undefined: nothing is to be run. */
  readonly answerOf: AnswerOfPart | undefined;
  /** The time range is one time. */
  readonly isMoment: boolean;
}

/** Says what an expression computes, how, and what is odd about it; never throws for its text. */
export async function explain(question: ExplainQuestion): Promise<Explanation> {
  const { text, features } = question;
  const bound = question.shortForms
    ? await bindShortForms(text, question.metrics, { drawn: question.drawn })
    : { text, notes: [], diagnostics: [] };
  const { query, diagnostics } = prepareQuery(bound.text, features);
  if (bound.diagnostics.some(isError)) return unreadable(question, bound);
  if (query === undefined) return unreadable(question, { text: bound.text, diagnostics });
  const { expr } = query;
  const { steps, cost } = await measureParts(planSteps(expr), question.costOf);
  const nothing = [
    ...(await whyNothing(expr, question.series)),
    ...(await adviseRanges(expr, question.intervalOf)),
  ];
  const odd = [...bound.diagnostics, ...adviseQuery(expr, question.facts)];
  const per = perTimeOf(bound.text, expr);
  if (cost?.seriesCount === 0)
    nothing.push(...(await emptyReasons(question, expr, steps, nothing)));
  return {
    promql: bound.text,
    rewritten: bound.notes,
    sentence: sentenceOf(expr),
    formatted: formattedText(text, features),
    notes: worstFirst([
      ...odd.map((one) => noteOf(question, bound.text, expr, one)),
      ...nothing.map((one) => ({
        ...noteOf(question, bound.text, expr, one),
        about: "series" as const,
      })),
    ]),
    per,
    steps,
    cost,
  };
}

const SEVERITIES: readonly ExplainNote["severity"][] = ["error", "warning", "info"];

function worstFirst(notes: readonly ExplainNote[]): readonly ExplainNote[] {
  const rank = ({ severity }: ExplainNote) => SEVERITIES.indexOf(severity);
  return notes.toSorted((a, b) => rank(a) - rank(b) || a.from - b.from);
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}

/** As the pretty printer writes it; empty where the text itself is no PromQL. */
function formattedText(text: string, features: LanguageFeatures): string {
  const { expr } = parsePromql(text, features);
  return expr === undefined ? "" : prettyPromql(expr);
}

function unreadable(
  question: ExplainQuestion,
  bound: { readonly text: string; readonly diagnostics: readonly Diagnostic[] },
): Explanation {
  const { text, features } = question;
  const { expr } = parsePromql(bound.text, features);
  const [first] = bound.diagnostics;
  const per = perWordFix(text, features);
  const note = first && noteOf(question, bound.text, expr, first);
  const notes: readonly ExplainNote[] = note === undefined ? [] : [{ ...note, ...per }];
  const steps: readonly ExplainStep[] = [];
  const empty = { promql: "", rewritten: [], sentence: "", per: null, steps, cost: null };
  return { ...empty, formatted: "", notes };
}

function noteOf(
  question: ExplainQuestion,
  promql: string,
  expr: Expr | undefined,
  diagnostic: Diagnostic,
): ExplainNote {
  const { text, features } = question;
  const { severity, message, suggestion = "" } = diagnostic;
  const isWait = /^FOR /.test(message);
  const place = isWait ? waitPlace(text) : placeIn(text, promql, diagnostic);
  const start = isWait ? place.from : startIn(text, promql, diagnostic);
  return {
    severity,
    about: "expression",
    message,
    suggestion,
    position: linePosition(text, start),
    ...place,
    fixes: fixesOf({ text, promql, expr, features }, diagnostic),
  };
}

/** Where a statement says how long it must hold. */
function waitPlace(text: string): Place {
  return { from: Math.max(0, text.search(/\bfor\s[^()]*$/i)), to: text.trimEnd().length };
}

/** Why what was run has no answer, as far as it is not told already. */
async function emptyReasons(
  { answerOf, isMoment }: ExplainQuestion,
  expr: Expr,
  steps: readonly ExplainStep[],
  told: readonly Diagnostic[],
): Promise<readonly Diagnostic[]> {
  // What is too much to be measured in parts is too much to be asked of its parts.
  const isCheap = steps.some(({ cost }) => cost !== null);
  if (answerOf !== undefined && isCheap) {
    const reasons = await whyEmpty(expr, answerOf, { isMoment });
    const isTold = (one: Diagnostic) =>
      told.some(({ from, to }) => from <= one.from && one.to <= to);
    return reasons.filter((one) => !isTold(one));
  }
  const message = "there are such series, but the expression has no answer in this time range";
  const suggestion = "look at its parts, or at a longer or an earlier time range";
  return told.length > 0 ? [] : [{ severity: "info", message, suggestion, from: 0, to: 0 }];
}
