import { languageFeatures } from "@hms-ops/query";
import { describe, expect, it } from "vitest";
import { FeaturesApi } from "./features.ts";

function features(enabled: readonly string[]): Readonly<Record<string, Record<string, boolean>>> {
  const { body } = new FeaturesApi(languageFeatures(enabled)).features();
  return JSON.parse(String(body)).data;
}

describe("features", () => {
  it("names what the hub has by Prometheus' categories", () => {
    expect(features([])).toMatchObject({
      api: { admin: true, remote_write_receiver: true, otlp_write_receiver: false },
      promql: { subqueries: true, anchored: false, per_query_lookback_delta: true },
      promql_functions: { rate: true, info: false },
      promql_operators: { "=~": true, topk: true, limitk: false },
      service_discovery_providers: { static: true, file: true },
      templating_functions: { humanize: true },
    });
  });

  it("follows what was enabled", () => {
    expect(features(["promql-experimental-functions"])).toMatchObject({
      promql: { anchored: false },
      promql_functions: { info: true },
      promql_operators: { limitk: true },
    });
  });
});
