import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type RuleGroup, type RuleProblem, readRuleFile } from "@hms-ops/control";
import { OpsError } from "@hms-ops/model";
import { CLI_ERRORS } from "../../errors.ts";
import { systemReason } from "../../system-reason.ts";

/** Throws OPS-1703. */
export function textOfFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new OpsError(CLI_ERRORS.unreadableFile, { file, reason: systemReason(error) });
  }
}

/** The files as they were named; of a folder its *.yml and *.yaml, by name. Throws OPS-1703. */
export function ruleFilesOf(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => {
    if (!statSync(word, { throwIfNoEntry: false })?.isDirectory()) return [word];
    const files = readdirSync(word).filter((name) => /\.ya?ml$/.test(name));
    const reason = "the folder holds no *.yml and no *.yaml";
    if (files.length === 0) throw new OpsError(CLI_ERRORS.unreadableFile, { file: word, reason });
    return files.sort().map((name) => join(word, name));
  });
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
