/** Stands for the real checker: says one sentence, and warns of every expression. */
export function fakeExplanation(query: string): unknown {
  const cost = { totalMs: 2.4, seriesCount: 6, samplesRead: 1_446 };
  const step = (number: number, does: string, takes: readonly number[]) => ({
    ...{ number, does, takes, expr: query },
    cost: { ...cost, totalMs: number },
  });
  return {
    promql: query,
    rewritten: [],
    sentence: `For each service what \`${query.slice(0, 12)}\` computes.`,
    formatted: query,
    notes: [
      {
        severity: "warning",
        about: "expression",
        message: "by their names the left side is in milliseconds and the right one in seconds",
        suggestion: "divide the left side by 1000",
        position: "1:1",
        from: 0,
        to: Math.min(3, query.length),
        fixes: [{ words: "Divide the left side by 1000", query: `${query} / 1000` }],
      },
    ],
    per: { shown: "second", queries: { second: query, minute: query, hour: query } },
    steps: [
      step(1, "read requests_total over 5m before each step", []),
      step(2, "slide rate along the samples", [1]),
    ],
    cost: { ...cost, parseMs: 0.1, readMs: 1.6, evaluateMs: 0.7, seriesSelected: 6 },
  };
}
