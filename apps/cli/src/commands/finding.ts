/** What `hms-ops doctor` found of one thing. */
export interface Finding {
  readonly check: string;
  readonly state: "ok" | "warning" | "wrong";
  /** The number, and what it means. */
  readonly finding: string;
  /** The command that mends it; empty when all is well. */
  readonly mend: string;
}
