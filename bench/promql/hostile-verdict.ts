import { MOST_MORE_AT_P99_MS, MOST_MORE_MS, type Spread } from "../tsdb/probe.ts";
import { type CountedAnswer, errorOf } from "./count-answer.ts";
import type { HostileQuery } from "./hostile-queries.ts";

/** A deadline is looked at between pieces of work, and the answer is still to be read. */
const GRACE_MS = 2_000;
/** Two queries with all the columns that the hub allows (512 MiB each), and as much for answers. */
const MOST_MORE_BYTES = 2 * 2 ** 30;
/** Of fewer, the 99th of a hundred is the worst. */
const LEAST_FOR_P99 = 100;
/** A limit must be met before the memory of a thread ends, and with it all that it works on. */
const DEAD = /out of memory|thread ended/i;

interface Disturbance {
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly ack: Spread;
  readonly rule: Spread;
}

/** What is wrong, beside an idle time of the same hub; nothing = it held. */
export function judgeHostile(
  must: HostileQuery["must"] | undefined,
  answers: readonly CountedAnswer[],
  now: Disturbance,
  failures: number,
  idle: Disturbance | undefined,
  deadlineS: number,
): readonly string[] {
  const problems = new Set<string>();
  for (const { status, isWhole, tookMs, head } of answers) {
    if (status === 0) problems.add("no answer");
    else if (!isWhole) problems.add("cut off");
    else if (status === 200 && must === "error") problems.add("an answer instead of an error");
    else if (status !== 200 && must === "answer") problems.add("an error instead of an answer");
    else if (status !== 200 && !errorOf(head)) problems.add("an unclear error");
    if (status !== 200 && DEAD.test(head)) problems.add("a thread died");
    if (tookMs > deadlineS * 1_000 + GRACE_MS) problems.add("late");
  }
  if (failures > 0) problems.add(`${failures} failed writes or rule lists`);
  if (now.peakBytes > (idle ?? now).residentBytes + MOST_MORE_BYTES) problems.add("memory");
  for (const what of ["ack", "rule"] as const) {
    const before = (idle ?? now)[what];
    const isLateAtP99 = !(now[what].p99 <= before.p99 + MOST_MORE_AT_P99_MS);
    if (isLateAtP99 && now[what].count >= LEAST_FOR_P99) problems.add(`${what} p99`);
    if (!(now[what].max <= before.max + MOST_MORE_MS)) problems.add(`${what} max`);
  }
  return [...problems];
}
