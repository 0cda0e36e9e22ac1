/** What the shell is told; the same for every command. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  /** Lint findings, firing under --check … */
  findings: 3,
  notFound: 4,
  notAllowed: 5,
  unreachable: 6,
  timeout: 7,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
