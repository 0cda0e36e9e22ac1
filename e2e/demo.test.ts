import { afterAll, beforeAll, expect, it } from "vitest";
import {
  eventually,
  getData,
  type HubProcess,
  instant,
  removeFolder,
  startHub,
} from "./support/hub.ts";

let hub: HubProcess;

beforeAll(async () => {
  hub = await startHub({ flags: ["--demo", "--no-discovery"] });
});

afterAll(async () => {
  await hub.stop();
  removeFolder(hub.folder);
});

it("the demo's past goes on in the series that are scraped: a bucket is one series", async () => {
  const counts = 'count_over_time(up{job="hms-ach"}[1h])';
  const scrapes = () => instant(hub.url, counts);
  await eventually(scrapes, ({ result }) => Number(result[0]?.value[1]) >= 2, 60_000);
  const path = "/api/v1/label/le/values?match[]=ach_latency_ms_bucket";
  const spellings = await getData<string[]>(hub.url, path);
  expect(spellings.length).toBeGreaterThan(10);
  const bounds = spellings.map((text) => Number(text.replace("Inf", "Infinity")));
  const twice = spellings.filter((_text, i) => bounds.indexOf(bounds[i] ?? 0) !== i);
  expect(twice).toEqual([]);
});
