import { formatDay, zoneName } from "../time/clock-text.ts";
import { timeTicks } from "../time/ticks.ts";
import type { LaneAxis } from "./model.ts";

/** A start that never changes lies in the middle of so many seconds. */
const LEAST_SPAN_SECONDS = 3_600;
/** Air below and above, as a share of what the values span. */
const AIR = 0.08;
/** So wide that ticks of the time axis, 68 px apart, are as many as are wanted. */
const PX_A_TICK = 80;

/** The axis of values that are moments themselves, in seconds since 1970. */
export function momentAxis(
  { least, most }: { readonly least: number; readonly most: number },
  tickCount: number,
  zone: string,
): LaneAxis & { readonly unitText: string } {
  const air = Math.max((most - least) * AIR, (LEAST_SPAN_SECONDS - (most - least)) / 2);
  const [min, max] = [least - air, most + air];
  const range = { fromMs: min * 1000, toMs: max * 1000 };
  const ticks = timeTicks(range, PX_A_TICK * tickCount, zone);
  const day = formatDay(range.fromMs, zone);
  const on = day === formatDay(range.toMs, zone) ? `${day}, ` : "";
  return {
    min,
    max,
    ticks: ticks.map(({ atMs, text }) => ({ value: atMs / 1000, text })),
    unitText: `${on}${zoneName(zone)}`,
  };
}
