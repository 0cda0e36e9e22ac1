import { type ErrorRow, OpsError } from "@hms-ops/model";

/** Why an answer did not come, for callers that branch (exit codes, the page's banner). */
export type HubErrorKind =
  | "unreachable"
  | "timeout"
  | "not-a-hub"
  | "not-found"
  | "not-allowed"
  | "refused";

/** `code`, `message` and `mend` are the hub's own where it gave them. */
export class HubError extends OpsError {
  readonly kind: HubErrorKind;
  /** `bad_data`, `execution`, `timeout` … as the Prometheus API names them; else empty. */
  readonly errorType: string;

  constructor(
    kind: HubErrorKind,
    row: ErrorRow,
    inputs: Readonly<Record<string, string | number>> = {},
    errorType = "",
  ) {
    super(row, inputs);
    this.name = "HubError";
    this.kind = kind;
    this.errorType = errorType;
  }
}
