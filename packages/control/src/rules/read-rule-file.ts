import type { MetricCatalog } from "@hms-ops/query";
import { isMap, isScalar } from "yaml";
import { CONTROL_ERRORS } from "../errors.ts";
import type { DialectContext } from "./dialects/dialect.ts";
import { DIALECTS } from "./dialects/table.ts";
import type { RuleGroup, RuleProblem } from "./rule.ts";
import { RuleDocument } from "./rule-document.ts";

export interface ReadRules {
  /** Empty as soon as one problem is an error: a file is taken whole or not at all. */
  readonly groups: readonly RuleGroup[];
  readonly problems: readonly RuleProblem[];
}

const EMPTY_CATALOG: MetricCatalog = { exists: async () => false };

const OFFLINE: DialectContext = {
  catalog: EMPTY_CATALOG,
  directory: { contacts: {}, environment: {} },
  hasDefaultReceivers: false,
};

/**
 * Reads a rule file in whichever dialect its top keys show. Never throws; every problem is told
 * with its place. Without a hub's context, short forms are bound as if no metric existed yet.
 */
export async function readRuleFile(
  text: string,
  file: string,
  context: Partial<DialectContext> = {},
): Promise<ReadRules> {
  const document = new RuleDocument(text, file);
  const { root } = document;
  const isEmpty =
    !root || (isScalar(root) && root.value === "") || (isMap(root) && root.items.length === 0);
  if (document.hasErrors || isEmpty) return { groups: [], problems: document.problems };
  const keys = new Set<string>();
  if (isMap(root)) {
    for (const { key } of root.items) if (isScalar(key)) keys.add(String(key.value));
  }
  const dialect = DIALECTS.find(({ recognises }) => recognises(keys));
  if (!dialect || !isMap(root)) {
    document.report(CONTROL_ERRORS.noRules, {}, root);
    return { groups: [], problems: document.problems };
  }
  const groups = await dialect.read(document, root, { ...OFFLINE, ...context });
  return { groups: document.hasErrors ? [] : groups, problems: document.problems };
}
