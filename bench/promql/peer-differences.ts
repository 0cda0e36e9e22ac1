interface Reason {
  readonly when: RegExp;
  readonly why: string;
}

/** What VictoriaMetrics computes otherwise by design, from its own documentation of MetricsQL. */
const REASONS: readonly Reason[] = [
  {
    when: /\b(rate|increase)\(/,
    why: "it counts from the last sample before the window and doesn't extrapolate to its borders",
  },
  {
    when: /\b(irate|delta|idelta|changes|resets)\(/,
    why: "it takes the last sample before the window in",
  },
  {
    when: /\b(deriv|predict_linear)\(/,
    why: "it fits the line through the samples from another point in time",
  },
  { when: /\[\w+:\w*\]/, why: "it evaluates sub-queries at other times" },
  {
    when: /\b(last|first|sum|count|avg|min|max|stddev|quantile)_over_time\(/,
    why: "its windows are open to the left and grow to the step and the interval of samples",
  },
  {
    when: /\b(topk|bottomk)\(/,
    why: "it chooses for each step after dropping gaps, in another order of equals",
  },
];

/** Why VictoriaMetrics may answer otherwise than Prometheus; empty = it should not. */
export function victoriaReason(expr: string): string {
  return REASONS.filter(({ when }) => when.test(expr))
    .map(({ why }) => why)
    .join("; ");
}
