import { CONTROL_ERRORS, MAX_RULE_FILE_CHARS } from "@hms-ops/control";
import { OpsError } from "@hms-ops/model";
import type { RulesReport, RulesUpload } from "@hms-ops/wire/api";
import type { HubRequest, Route } from "../ports.ts";
import { jsonAnswer } from "./json-answer.ts";

/** What keeps rule files; jobs/files answers this. */
export interface RuleStore {
  upload(upload: RulesUpload): Promise<RulesReport>;
  check(upload: RulesUpload): Promise<RulesReport>;
  remove(file: string): Promise<RulesReport>;
  reload(): Promise<RulesReport>;
}

export interface RuleFileAnswers {
  readonly storeRules: Route["handle"];
  readonly removeRules: Route["handle"];
  readonly checkRules: Route["handle"];
  readonly reloadRules: Route["handle"];
}

/** A report is an answer, not an error: `ok` says whether the set was taken. */
export function ruleFileAnswers(store: RuleStore): RuleFileAnswers {
  return {
    storeRules: async (request) => jsonAnswer(await store.upload(await readUpload(request))),
    removeRules: async ({ query }) => jsonAnswer(await store.remove(query.get("file") ?? "")),
    checkRules: async (request) => jsonAnswer(await store.check(await readUpload(request))),
    reloadRules: async () => jsonAnswer(await store.reload()),
  };
}

async function readUpload(request: HubRequest): Promise<RulesUpload> {
  const bytes = await request.body(2 * MAX_RULE_FILE_CHARS);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpsError(CONTROL_ERRORS.badUpload, { reason });
  }
  const { file, text } = (typeof value === "object" && value !== null ? value : {}) as Partial<
    Record<keyof RulesUpload, unknown>
  >;
  if (typeof file !== "string" || file.trim() === "" || file.length > 255) {
    throw new OpsError(CONTROL_ERRORS.badUpload, { reason: "it lacks the name of the file" });
  }
  if (typeof text !== "string") {
    throw new OpsError(CONTROL_ERRORS.badUpload, { reason: "it lacks the text of the file" });
  }
  return { file: file.trim(), text };
}
