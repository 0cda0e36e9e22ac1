import type { RuleProblem, RulesReport } from "@hms-ops/wire/api";

/** `file:line:column: error: message (code)` and the cure, as editors and people read it. */
export function formatProblems(problems: readonly RuleProblem[]): string {
  return problems
    .map(
      ({ file, line, column, severity, message, code, mend }) =>
        `${file}:${line}:${column}: ${severity}: ${message} (${code})\n  ${mend}\n`,
    )
    .join("");
}

/** `added High Scoring Latency; 3 unchanged`, one line. */
export function formatReport({ ok, added, changed, removed, unchanged }: RulesReport): string {
  if (!ok) return "refused, the old rules still run\n";
  const parts = [
    ["added", added],
    ["changed", changed],
    ["removed", removed],
  ] as const;
  const said = parts
    .filter(([, names]) => names.length > 0)
    .map(([word, names]) => `${word} ${names.join(", ")}`);
  return `${[...said, `${unchanged} unchanged`].join("; ")}\n`;
}
