import { PROBLEMS_DESCRIBED_MAX } from "../limits.ts";

/** `text` is Prometheus 0.0.4 (and 1.0.0); `openmetrics` is OpenMetrics 1.0 (and 0.0.1). */
export type ExpositionFormat = "text" | "openmetrics";

export type ExpositionReason =
  | "name" // no metric name, or none that may stand there
  | "labels" // the label block cannot be read
  | "limit" // too many labels, or too long ones
  | "value" // no number where the value belongs
  | "timestamp"
  | "trailing" // something behind value and time that is no exemplar
  | "encoding" // not UTF-8
  | "metadata" // a HELP, TYPE or UNIT line that cannot be read
  | "after-end"; // behind `# EOF`

export interface ExpositionProblem {
  /** From 1. */
  readonly line: number;
  readonly reason: ExpositionReason;
  /** For a person; names the metric where it is known. */
  readonly message: string;
}

export interface ExpositionReport {
  readonly format: ExpositionFormat;
  /** Lines that are samples and could be read. */
  readonly samples: number;
  /** Of these, rows that were added: `labelsOf` dropped the others. */
  readonly kept: number;
  /** Rows that carried a time of their own which was honoured. */
  readonly explicitTimes: number;
  readonly skippedLines: number;
  readonly reasons: ReadonlyMap<ExpositionReason, number>;
  /** The first ten. */
  readonly problems: readonly ExpositionProblem[];
  /** False when an OpenMetrics body has no `# EOF`: it was cut short. */
  readonly complete: boolean;
}

/** Counts all problems, describes the first few. */
export class ProblemList {
  skippedLines = 0;
  readonly reasons = new Map<ExpositionReason, number>();
  readonly problems: ExpositionProblem[] = [];

  add(line: number, reason: ExpositionReason, message: string): void {
    this.skippedLines++;
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    if (this.problems.length < PROBLEMS_DESCRIBED_MAX)
      this.problems.push({ line, reason, message });
  }
}
