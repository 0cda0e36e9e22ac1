import { readFileSync } from "node:fs";
import { type RuleGroup, type RuleProblem, readRuleFile } from "@hms-ops/control";
import { OpsError } from "@hms-ops/model";
import { CLI_ERRORS } from "../../errors.ts";

/** Throws OPS-1703. */
export function textOfFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpsError(CLI_ERRORS.unreadableFile, { file, reason });
  }
}

export interface ReadRuleFiles {
  readonly groups: readonly RuleGroup[];
  readonly problems: readonly RuleProblem[];
}

/** The groups of all files; of one with an error none. Throws OPS-1703. */
export async function readRuleFiles(files: readonly string[]): Promise<ReadRuleFiles> {
  const read = await Promise.all(files.map((file) => readRuleFile(textOfFile(file), file)));
  return {
    groups: read.flatMap(({ groups }) => groups),
    problems: read.flatMap(({ problems }) => problems),
  };
}

export function hasErrors(problems: readonly RuleProblem[]): boolean {
  return problems.some(({ severity }) => severity === "error");
}
