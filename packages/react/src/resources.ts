import type { Board } from "@hms-ops/model";
import { type HubPort, type LiveState, type OpenAlert, openAlerts } from "@hms-ops/panels";
import type {
  BoardList,
  CardinalityBy,
  CardinalityOrder,
  CardinalityReport,
  HubStatus,
  NotificationList,
  RuleList,
  ServiceList,
  StoreReport,
} from "@hms-ops/wire/api";
import { useHub } from "./hub-provider.tsx";
import { useLive } from "./live.ts";

/** The strip's figures: often enough that "3 s ago" is true. */
const STATUS_MS = 2_000;
/** Alerts, rules and what was told: a person waits for them. */
const ALERTS_MS = 5_000;
/** Lists that change when somebody edits a file. */
const LISTS_MS = 30_000;

function useResource<Data>(
  key: string,
  load: (hub: HubPort, signal: AbortSignal) => Promise<Data>,
  refreshMs: number,
): LiveState<Data> {
  return useLive(useHub().resource(key, load, refreshMs));
}

export function useStatus(): LiveState<HubStatus> {
  return useResource("status", (hub, signal) => hub.status({ signal }), STATUS_MS);
}

/** Firing first, critical before warning, then the oldest. */
export function useAlerts(): LiveState<readonly OpenAlert[]> {
  const load = async (hub: HubPort, signal: AbortSignal) =>
    openAlerts(await hub.alerts({ signal }));
  return useResource("alerts", load, ALERTS_MS);
}

export function useRules(): LiveState<RuleList> {
  return useResource("rules", (hub, signal) => hub.rules({ signal }), ALERTS_MS);
}

export function useServices(): LiveState<ServiceList> {
  return useResource("services", (hub, signal) => hub.services({ signal }), ALERTS_MS);
}

/** Newest first. */
export function useNotifications(limit = 50): LiveState<NotificationList> {
  const load = (hub: HubPort, signal: AbortSignal) => hub.notifications({ limit, signal });
  return useResource(`notifications ${limit}`, load, ALERTS_MS);
}

export function useBoards(): LiveState<BoardList> {
  return useResource("boards", (hub, signal) => hub.boards({ signal }), LISTS_MS);
}

export function useBoard(uid: string): LiveState<Board> {
  return useResource(`board ${uid}`, (hub, signal) => hub.board(uid, { signal }), LISTS_MS);
}

/** Sorted; for completion and for what Home can ask. */
export function useMetricNames(): LiveState<readonly string[]> {
  const load = (hub: HubPort, signal: AbortSignal) => hub.labelValues("__name__", { signal });
  return useResource("metric names", load, LISTS_MS);
}

/** Start, damage, disk and limits of the metric store. */
export function useStore(): LiveState<StoreReport> {
  return useResource("store", (hub, signal) => hub.store({ signal }), LISTS_MS);
}

export interface CardinalityQuestion {
  readonly by: CardinalityBy;
  readonly order: CardinalityOrder;
  /** One selector; empty = every series. */
  readonly match: string;
  readonly limit: number;
}

/** How many series there are, and how many came and went. */
export function useCardinality(question: CardinalityQuestion): LiveState<CardinalityReport> {
  const { by, order, match, limit } = question;
  const load = (hub: HubPort, signal: AbortSignal) =>
    hub.cardinality(by, { order, limit, signal, ...(match === "" ? {} : { match: [match] }) });
  return useResource(`cardinality ${by} ${order} ${limit} ${match}`, load, LISTS_MS);
}
