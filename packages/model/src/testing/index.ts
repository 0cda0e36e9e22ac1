export { FakeClock } from "./fake-clock.ts";
export { type MetricStoreContractOptions, metricStoreContract } from "./metric-store-contract.ts";
export {
  ALL_TIME,
  ANY_SERIES,
  appendRows,
  BatchWriter,
  type MetricStoreAbility,
  type OpenMetricStore,
  type Row,
  readRows,
  rowsOf,
  type SeriesRecord,
  type StatedLacks,
} from "./metric-store-contract-tools.ts";
