/** How a selector tests one label. Regular expressions are RE2 syntax, anchored at both ends. */
export type MatchOperator = "=" | "!=" | "=~" | "!~";

/** An absent label is tested as the empty text. Several matchers of a selector must all hold. */
export interface Matcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

export function matcher(name: string, operator: MatchOperator, value: string): Matcher {
  return { name, operator, value };
}

/** `{job="ach"}`-style text of one matcher. */
export function formatMatcher({ name, operator, value }: Matcher): string {
  return `${name}${operator}${JSON.stringify(value)}`;
}
