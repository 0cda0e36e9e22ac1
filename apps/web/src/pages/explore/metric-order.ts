const COLLATOR = new Intl.Collator("en");

/** As people look for them: what services measure, then what rules record, our own last. */
export function inReadingOrder(names: readonly string[]): readonly string[] {
  return names.toSorted((a, b) => rank(a) - rank(b) || COLLATOR.compare(a, b));
}

function rank(name: string): number {
  if (/^(ALERTS|ALERTS_FOR_STATE)$|^hms_ops_/.test(name)) return 2;
  return name.includes(":") ? 1 : 0;
}
