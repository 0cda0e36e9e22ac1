const WORD = /[\p{L}\p{N}_:.]/u;

/** Whether an expression names a metric: as a word of its own, bare or in quotes. */
export function mentions(expr: string, metric: string): boolean {
  if (metric === "") return false;
  for (let at = expr.indexOf(metric); at >= 0; at = expr.indexOf(metric, at + 1)) {
    const before = expr[at - 1] ?? "";
    const after = expr[at + metric.length] ?? "";
    if (!WORD.test(before) && !WORD.test(after)) return true;
  }
  return false;
}
