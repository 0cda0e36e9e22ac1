import type { Board } from "@hms-ops/model";

/** What one layer of the agency ships: boards to look at and alerts to be woken by. */
export interface Layer {
  readonly name: string;
  readonly boards: readonly Board[];
  /** Rule groups as Prometheus writes them; each rule fires on its layer's metrics alone. */
  readonly rules: readonly ShippedRuleFile[];
}

export interface ShippedRuleFile {
  /** As the list of rules shows it: `shipped/ach.yaml`. */
  readonly file: string;
  readonly text: string;
}
