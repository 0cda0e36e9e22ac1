import type { MetricCatalog } from "@hms-ops/query";
import type { YAMLMap } from "yaml";
import type { Directory } from "../../notify/targets.ts";
import type { RuleDialect, RuleGroup } from "../rule.ts";
import type { RuleDocument } from "../rule-document.ts";

/** What a reader of rules may know of the hub that will run them. */
export interface DialectContext {
  /** Which metrics there are: short forms are bound by it. */
  readonly catalog: MetricCatalog;
  readonly directory: Directory;
  /** Whether a rule that names nobody still reaches somebody. */
  readonly hasDefaultReceivers: boolean;
}

/** One way of writing rules. Which one a file is in, its top keys decide. */
export interface Dialect {
  readonly name: RuleDialect;
  recognises(keys: ReadonlySet<string>): boolean;
  read(
    document: RuleDocument,
    root: YAMLMap,
    context: DialectContext,
  ): Promise<readonly RuleGroup[]>;
}

/** `alerts/payment_latency.yaml` -> `payment_latency` */
export function baseName(file: string): string {
  const name = file.split(/[/:]\s*/).at(-1) ?? file;
  return name.replace(/\.[^.]+$/, "") || file;
}
