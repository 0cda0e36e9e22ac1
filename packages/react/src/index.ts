export { HubProvider, type HubProviderProps, useHub } from "./hub-provider.tsx";
export { useLive } from "./live.ts";
export {
  type QueryOptions,
  type RangeQueryOptions,
  useInstantQuery,
  useMetric,
  useRangeQueries,
  useRangeQuery,
} from "./queries.ts";
export {
  useAlerts,
  useBoard,
  useBoards,
  useMetricNames,
  useNotifications,
  useRules,
  useServices,
  useStatus,
} from "./resources.ts";
export { type TimeRangeControl, useNow, useTimeRange } from "./time-range.ts";
