import type { Diagnostic } from "@hms-ops/model";
import { bindShortForms, type MetricCatalog, prepareQuery } from "@hms-ops/query";
import { CONTROL_ERRORS } from "../errors.ts";
import type { RuleCondition } from "./rule.ts";
import type { RuleDocument, TextEntry } from "./rule-document.ts";

const CONDITION = /^(.*?)\s*(>=|<=|==|!=|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*$/is;
const PLAIN_METRIC = /^\{?"?([\p{L}_:][\p{L}\p{N}_:.]*)"?\s*(?:\{[^{}]*\}|[^{}]*\})?$/u;

/** Checks strict PromQL; what is wrong with it is reported at its place in the file. */
export function checkExpression(
  document: RuleDocument,
  { text, node }: TextEntry,
  place: string,
): string | undefined {
  const { query, diagnostics } = prepareQuery(text);
  reportDiagnostics(document, diagnostics, node, place);
  return query ? text.trim() : undefined;
}

/** Reads an expression that may hold short forms; the outcome is strict PromQL. */
export async function bindExpression(
  document: RuleDocument,
  entry: TextEntry,
  place: string,
  catalog: MetricCatalog,
): Promise<string | undefined> {
  const { text, diagnostics } = await bindShortForms(entry.text, catalog);
  if (reportDiagnostics(document, diagnostics, entry.node, place)) return undefined;
  // Positions are of the text as it was written; where binding changed it they would mislead.
  const node = entry.node;
  const checked = prepareQuery(text);
  const shift = text === entry.text ? undefined : 0;
  if (reportDiagnostics(document, checked.diagnostics, node, place, shift)) return undefined;
  return checked.query ? text.trim() : undefined;
}

/** What is compared with what, where the whole text is one comparison with a number. */
export function conditionOf(source: string, name: string): RuleCondition | undefined {
  const match = CONDITION.exec(source.trim());
  if (!match) return undefined;
  const [, left = "", operator = "", threshold = ""] = match;
  if (/\b(and|or|unless|bool)\b/i.test(left) || /[<>=!]$/.test(left)) return undefined;
  return {
    subject: PLAIN_METRIC.exec(left)?.[1] ?? name,
    operator: operator as RuleCondition["operator"],
    threshold: Number(threshold),
  };
}

function reportDiagnostics(
  document: RuleDocument,
  diagnostics: readonly Diagnostic[],
  node: TextEntry["node"],
  place: string,
  fixedOffset?: number,
): boolean {
  let failed = false;
  for (const { severity, message, from, suggestion } of diagnostics) {
    if (severity === "info") continue;
    failed ||= severity === "error";
    const at = document.offsetIn(node, fixedOffset ?? from);
    const inputs = {
      place,
      reason: message,
      suggestion: suggestion ?? "Try the expression in Explore.",
    };
    document.report(CONTROL_ERRORS.badExpression, inputs, at, severity);
  }
  return failed;
}
