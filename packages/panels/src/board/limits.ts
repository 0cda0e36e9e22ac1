import type { PanelLimit, Unit } from "@hms-ops/model";
import { formatLimit } from "../numbers/format.ts";
import type { StatusState } from "../states/status.ts";
import type { ChartLimit } from "../timeseries/model.ts";

/** The worst limit that the value breaks; missing is `none`, never OK. */
export function limitState(
  value: number | undefined,
  limits: readonly PanelLimit[] = [],
): StatusState {
  if (value === undefined || Number.isNaN(value)) return "none";
  const broken = limits.filter((limit) => isBroken(value, limit));
  if (broken.some(({ state }) => state === "crit")) return "crit";
  return broken.length > 0 ? "warn" : "ok";
}

export function isBroken(value: number, limit: PanelLimit): boolean {
  return limit.bad === "below" ? value < limit.value : value > limit.value;
}

/** The limit that matters to this value: the worst broken one, else the first one it would break. */
export function nearestLimit(
  value: number | undefined,
  limits: readonly PanelLimit[] = [],
): PanelLimit | undefined {
  const broken = limits.filter((limit) => value !== undefined && isBroken(value, limit));
  return broken.find(({ state }) => state === "crit") ?? broken[0] ?? limits[0];
}

export function chartLimits(
  limits: readonly PanelLimit[] | undefined,
  unit: Unit,
): readonly ChartLimit[] {
  return (limits ?? []).map((limit) => ({
    value: limit.value,
    state: limit.state,
    text: limitText(limit, unit),
    bad: limit.bad ?? "above",
  }));
}

/** `limit 5 %` */
export function limitText(limit: PanelLimit, unit: Unit): string {
  return limit.label ?? `limit ${formatLimit(limit.value, unit)}`;
}
