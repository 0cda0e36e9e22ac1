import { expect, it } from "vitest";
import type { HubRequest } from "../ports.ts";
import { BareQueryApi } from "./bare-query.ts";

const clock = { now: () => 60_000, monotonicMs: () => 0, after: () => () => {} };
const api = new BareQueryApi({ number: async () => ({ value: 0.5, series: 2 }) }, clock);

function ask(search: string) {
  const query = new URLSearchParams(search);
  const { signal } = new AbortController();
  return api.bareQuery({ query, signal } as Partial<HubRequest> as HubRequest);
}

it("answers one number as text", async () => {
  const { status, headers, body } = await ask("q=up");
  expect([status, headers?.["x-hms-ops-series"], body]).toEqual([200, "2", "0.5\n"]);
  await expect(ask("")).rejects.toMatchObject({ status: 400 });
});

it("leads an address of Prometheus' query page to Explore", async () => {
  const { status, headers } = await ask("g0.expr=a%2Bb&g0.tab=table&g0.range_input=1h");
  expect([status, headers?.location]).toEqual([
    302,
    "/graph?g0.expr=a%2Bb&g0.tab=table&g0.range_input=1h",
  ]);
  expect((await ask("q=up&g0.expr=x")).status).toBe(200);
});
