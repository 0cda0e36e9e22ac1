import type { LiveReply, LiveStream } from "@hms-ops/client";
import type { Clock } from "@hms-ops/model";
import { resolveTimeRange } from "../time/range.ts";
import { chooseStepMs, expandMacros } from "../time/step.ts";
import type { Teller } from "./live-query.ts";
import { mergeSeries, type RangePicture } from "./range-picture.ts";
import type { RangeRequest } from "./requests.ts";

export interface FollowedRange {
  /** Undefined: the hub has no live queries. */
  readonly live: () => LiveStream | undefined;
  readonly clock: Clock;
  readonly request: RangeRequest;
  /** The picture to which new steps are added. */
  readonly last: () => RangePicture | undefined;
  readonly take: (picture: RangePicture) => void;
}

/** Its length does not change as it slides on, as that of a month does. */
const SLIDING = /^now-\d+[smhdw]$/;

/** Undefined where the range does not slide on with the clock. */
export function followRange({
  live,
  clock,
  request,
  last,
  take,
}: FollowedRange): ((teller: Teller<RangePicture>) => (() => void) | undefined) | undefined {
  const { time, zone, widthPx, scrapeIntervalMs, shortForms } = request;
  if (!SLIDING.test(time.from) || time.to !== "now" || request.refreshMs === undefined) {
    return undefined;
  }
  return (teller) => {
    const stream = live();
    const range = resolveTimeRange(time, clock.now(), zone);
    if (!stream || !range) return undefined;
    const stepMs = chooseStepMs(range, widthPx);
    const spanMs = Math.floor((range.toMs - range.fromMs) / stepMs) * stepMs;
    const expr = expandMacros(request.expr, { range, stepMs, scrapeIntervalMs });
    const question = { expr, stepMs, spanMs, ...(shortForms && { shortForms }) };
    return stream.watch(question, {
      steps: (reply) => {
        const picture = pictureOf(reply, spanMs, last());
        take(picture);
        teller.take(picture);
      },
      failed: (error) => teller.fail(error),
      lost: () => teller.lost(),
    });
  };
}

function pictureOf(
  { fromMs, toMs, stepMs, whole, reply }: LiveReply,
  spanMs: number,
  last: RangePicture | undefined,
): RangePicture {
  const fresh = reply.value.kind === "matrix" ? reply.value.series : [];
  const range = { fromMs: toMs - spanMs, toMs };
  const kept = whole || last?.stepMs !== stepMs ? undefined : last;
  const series = kept ? mergeSeries(kept.series, fresh, range.fromMs, fromMs) : fresh;
  return { series, range, stepMs, notes: [...reply.warnings, ...reply.infos] };
}
