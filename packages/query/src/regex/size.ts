/** What a pattern would cost, told before an engine reads it. */
export interface PatternSize {
  /** Of groups in each other. */
  readonly nesting: number;
  /** At least so many steps of a program, repetitions written out: one a character or class. */
  readonly steps: number;
}

const COUNT = /\{(\d{1,9})(?:,(\d{0,9}))?\}/y;

/** Reads any text once, without recursion: also what is no pattern at all. */
export function patternSize(pattern: string): PatternSize {
  const open: number[] = [];
  let nesting = 0;
  let steps = 0;
  /** Of the atom that stands before a count. */
  let last = 0;
  for (let at = 0; at < pattern.length; ) {
    const end = atomEnd(pattern, at);
    switch (pattern[at]) {
      case "(":
        nesting = Math.max(nesting, open.push(steps));
        last = 0;
        at++;
        break;
      case ")":
        last = steps - (open.pop() ?? steps);
        at++;
        break;
      case "{": {
        COUNT.lastIndex = at;
        const count = COUNT.exec(pattern);
        const times = Math.max(1, Number(count?.[1] ?? 1), Number(count?.[2] || 1));
        steps += last * (times - 1);
        last *= times;
        at = count ? COUNT.lastIndex : at + 1;
        break;
      }
      default:
        last = 1;
        steps++;
        at = end;
    }
  }
  return { nesting, steps };
}

/** Behind a character, an escape, or a class with all that stands in it. */
function atomEnd(pattern: string, at: number): number {
  if (pattern[at] === "\\") return at + 2;
  if (pattern[at] !== "[") return at + 1;
  // A bracket that comes first stands for itself.
  let end = at + (pattern[at + 1] === "^" ? 3 : 2);
  while (end < pattern.length && pattern[end] !== "]") end += pattern[end] === "\\" ? 2 : 1;
  return end + 1;
}
