/** Knows which metrics exist now; a short form never hides a real series. */
export interface MetricCatalog {
  exists(metricName: string): Promise<boolean>;
}
