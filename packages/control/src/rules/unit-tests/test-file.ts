import type { Labels, NativeHistogram, TimestampMs } from "@hms-ops/model";

/** A file of unit tests for rules, as promtool reads it. Times in milliseconds. */
export interface RuleTestFile {
  readonly file: string;
  /** As they are written: relative to the test file, `*` and `?` stand for any name. */
  readonly ruleFiles: readonly string[];
  readonly evaluationIntervalMs: number;
  /** Names of groups that keep this order; the others come before, in the order of their files. */
  readonly groupOrder: readonly string[];
  /** The last bit of a value's mantissa does not count. */
  readonly fuzzyCompare: boolean;
  readonly tests: readonly RuleTest[];
}

/** Series, and what must come of them. */
export interface RuleTest {
  /** `unnamed#0` where the file names none. */
  readonly name: string;
  /** When the first sample and the first evaluation are; times of cases count from here. */
  readonly startMs: TimestampMs;
  readonly series: readonly InputSeries[];
  readonly alerts: readonly AlertCase[];
  readonly expressions: readonly ExpressionCase[];
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
}

export interface InputSeries {
  readonly labels: Labels;
  /** Distance of the samples. */
  readonly intervalMs: number;
  /** Undefined: no sample there. */
  readonly samples: readonly (InputSample | undefined)[];
}

export type InputSample = number | NativeHistogram | "stale";

/** Which alerts of one name fire at a time. */
export interface AlertCase {
  /** Since the start. */
  readonly evalTimeMs: number;
  readonly alertName: string;
  readonly expected: readonly ExpectedAlert[];
}

export interface ExpectedAlert {
  /** `alertname` included. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What an expression yields at a time. */
export interface ExpressionCase {
  readonly expr: string;
  /** Since the start. */
  readonly evalTimeMs: number;
  readonly expected: readonly ExpectedSample[];
}

export interface ExpectedSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram?: NativeHistogram;
}
