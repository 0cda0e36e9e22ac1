import { describe, expect, it } from "vitest";
import { picture, TO_MS } from "../testing/pictures.ts";
import { openAlerts } from "./alerts.ts";
import { overviewModel, titleSentence } from "./overview-model.ts";
import { overviewQueries } from "./queries.ts";

const flat = (value: number) => () => value;

describe("what Home asks", () => {
  it("asks only for metrics that are there", () => {
    const queries = overviewQueries([
      "requests_total",
      "errors_total",
      "ach_latency_ms_bucket",
      "node_load1",
    ]);
    expect(queries.map(({ id }) => id)).toEqual(["up", "requests", "errors", "p95Ms"]);
    expect(queries[3]?.expr).toContain("ach_latency_ms_bucket");
    expect(overviewQueries([]).map(({ id }) => id)).toEqual(["up"]);
  });

  it("counts seconds as milliseconds", () => {
    const [, p95] = overviewQueries(["http_request_duration_seconds_bucket"]);
    expect(p95?.expr).toMatch(/\* 1000$/);
  });
});

describe("Home's model", () => {
  const alerts = openAlerts([
    {
      labels: { alertname: "HighErrorRate", service: "HMS-ACH", severity: "critical" },
      annotations: { summary: "7.8 % of requests fail" },
      state: "firing",
      activeAtMs: TO_MS - 27 * 60_000,
      firedAtMs: TO_MS - 26 * 60_000,
      value: 0.078,
    },
    {
      labels: { alertname: "QueueGrows", job: "HMS-HITL", severity: "warning" },
      annotations: {},
      state: "pending",
      activeAtMs: TO_MS - 60_000,
      value: 1,
    },
  ]);
  const model = overviewModel({
    alerts,
    sources: [],
    nowMs: TO_MS,
    zone: "UTC",
    pictures: {
      up: picture(
        [{ job: "HMS-ACH" }, flat(1)],
        [{ job: "HMS-ESQ" }, flat(1)],
        [{ job: "HMS-HITL" }, flat(1)],
        [{ job: "field-kiosks" }, (m) => (m <= 42 ? 1 : Number.NaN)],
      ),
      requests: picture(
        [{ job: "HMS-ACH" }, flat(1_240)],
        [{ job: "HMS-ESQ" }, flat(604)],
        [{ job: "HMS-HITL" }, flat(42)],
      ),
      errors: picture([{ job: "HMS-ACH" }, flat(96.7)]),
      p95Ms: picture([{ job: "HMS-ACH" }, flat(2_900)]),
    },
  });

  it("puts the worst first", () => {
    expect(model.tiles.map(({ service, stateWord }) => `${service} ${stateWord}`)).toEqual([
      "HMS-ACH Critical",
      "HMS-HITL Warning",
      "field-kiosks No data",
      "HMS-ESQ OK",
    ]);
    expect(model.title).toBe("One service is failing. One needs attention. One is silent.");
    expect([model.firing, model.pending]).toEqual([1, 1]);
  });

  it("writes the figures, and colours the one that the alert speaks of", () => {
    const [ach] = model.tiles;
    expect(ach?.figures.map(({ value, state }) => `${value.text} ${state}`)).toEqual([
      "1,240/min calm",
      "7.8 % crit",
      "2.90 s calm",
    ]);
    expect(ach?.note).toBe("HighErrorRate firing for 26 min");
  });

  it("shows missing figures as missing, and a service without errors as 0 %", () => {
    const tile = (name: string) => model.tiles.find(({ service }) => service === name);
    expect(tile("HMS-ESQ")?.errorShare).toBe(0);
    expect(tile("HMS-ESQ")?.p95Ms).toBeUndefined();
    expect(tile("field-kiosks")?.figures.map(({ value }) => value.number)).toEqual(["–", "–", "–"]);
    expect(tile("field-kiosks")?.note).toBe("Silent for 18 min, last heartbeat 14:14");
  });
});

describe("a service whose scrape failed", () => {
  const none = picture();
  const up = picture([{ job: "HMS-ACH" }, flat(0)]);
  const pictures = { up, requests: none, errors: none, p95Ms: none };
  const source = (job: string, instance: string, lastError: string) => ({
    job,
    instance,
    lastError,
  });
  const noteWith = (...sources: readonly ReturnType<typeof source>[]) =>
    overviewModel({ alerts: [], sources, nowMs: TO_MS, zone: "UTC", pictures }).tiles[0]?.note;

  it("tells where and why, as far as the hub knows", () => {
    const well = source("HMS-ACH", "h:1", "");
    const refused = source("HMS-ACH", "h:2", "connect ECONNREFUSED");
    const other = source("HMS-ESQ", "h:3", "no answer");
    expect(noteWith(well, other, refused)).toBe(
      "The last scrape of h:2 failed: connect ECONNREFUSED",
    );
    expect(noteWith(refused, source("HMS-ACH", "h:4", "HTTP 500"))).toBe(
      "The last scrape of h:2 failed: connect ECONNREFUSED; 1 more failed",
    );
  });

  it("tells no more than that where nothing is known: it may have answered", () => {
    expect(noteWith()).toBe("The last scrape failed");
  });
});

describe("the title sentence", () => {
  const none = { ok: 0, warn: 0, crit: 0, none: 0, mute: 0 };
  it("speaks of what needs a person first", () => {
    expect(titleSentence({ ...none, crit: 1, warn: 2, ok: 9 })).toBe(
      "One service is failing. Two need attention.",
    );
    expect(titleSentence({ ...none, ok: 12 })).toBe("All 12 services are working.");
    expect(titleSentence(none)).toBe("No service has reported yet.");
  });
});
