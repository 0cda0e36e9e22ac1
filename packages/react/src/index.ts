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
  type CardinalityQuestion,
  useAlerts,
  useBoard,
  useBoards,
  useCardinality,
  useMetricNames,
  useNotifications,
  useRules,
  useServices,
  useStatus,
  useStore,
} from "./resources.ts";
export { type TimeRangeControl, useNow, useTimeRange } from "./time-range.ts";
