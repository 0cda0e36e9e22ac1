import type { RuleProblem } from "@hms-ops/control";
import { OpsError } from "@hms-ops/model";
import type { Refusal } from "@hms-ops/wire/api";
import { problemLines } from "../config/yaml-reader.ts";
import { HUB_ERRORS } from "../errors.ts";

/** What was read and is not in force; each part is handed what its latest reading said. */
export function refusalsOf(latest: {
  readonly configuration: OpsError | undefined;
  readonly rules: readonly RuleProblem[];
}): readonly Refusal[] {
  const parts = [
    ["configuration", latest.configuration],
    ["rules", rulesRefusal(latest.rules)],
  ] as const;
  return parts.flatMap(([part, refusal]) =>
    refusal ? [{ part, reason: refusal.message, mend: refusal.mend }] : [],
  );
}

/** Undefined when none of the problems keeps the rules from being taken. */
export function rulesRefusal(problems: readonly RuleProblem[]): OpsError | undefined {
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return undefined;
  return new OpsError(HUB_ERRORS.rulesNotTaken, { problems: problemLines(errors).join("\n") });
}
