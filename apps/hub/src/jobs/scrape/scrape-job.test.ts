import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Server } from "node:net";
import { gzipSync } from "node:zlib";
import { labelsOf, type MetricStore, UNLIMITED_BUDGET } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { openMemoryStore } from "@hms-ops/stores/memory";
import { afterEach, expect, test, vi } from "vitest";
import { defaultScrapeConfig, type ScrapeConfig } from "../../config/scrape-config.ts";
import { ExpositionIngest, NamedSampleIngest, RemoteWriteIngest } from "../../ingest/index.ts";
import type { IngestService, Log } from "../../ports.ts";
import { ConfigTargets, FixedTargets, isTarget, makeTarget, ScrapeJob } from "./index.ts";
import { nextSlotMs, slotOffsetMs, stampMs } from "./slots.ts";

const INTERVAL_MS = 15_000;
const TIMEOUT_MS = 10_000;
const QUIET: Log = { info: () => {}, warn: () => {}, error: () => {} };
const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serve(handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  ends.push(() => server.closeAllConnections());
  return await listen(server);
}

function ingestInto(store: MetricStore): IngestService {
  const exposition = new ExpositionIngest(store);
  const remoteWrite = new RemoteWriteIngest(store);
  const named = new NamedSampleIngest(store);
  return {
    exposition: async (body, options) => await exposition.accept(body, options),
    remoteWrite: async (body, version) => await remoteWrite.accept(body, version),
    samples: async (samples) => await named.accept(samples),
    endSource: async (source, timeMs, extra) => await exposition.endSource(source, timeMs, extra),
    metadata: async () => exposition.metadata(),
  };
}

function config(changes: Partial<ScrapeConfig> = {}): ScrapeConfig {
  const defaults = { scrapeIntervalMs: INTERVAL_MS, scrapeTimeoutMs: TIMEOUT_MS };
  return { ...defaultScrapeConfig("irs", defaults), ...changes };
}

/** Knows whether a scrape waits for its answer: each sets its time limit, and forgets it. */
class WatchedClock extends FakeClock {
  waiting = 0;

  override after(delayMs: number, call: () => void): () => void {
    if (delayMs !== TIMEOUT_MS) return super.after(delayMs, call);
    this.waiting++;
    const forget = super.after(delayMs, call);
    return () => {
      this.waiting--;
      forget();
    };
  }
}

async function setUp(configs: readonly ScrapeConfig[]) {
  const clock = new WatchedClock(1_700_000_000_000);
  const store = openMemoryStore();
  const services = { clock, log: QUIET, ingest: ingestInto(store) };
  const targets = new ConfigTargets(services, configs);
  const found = new FixedTargets("found");
  const job = new ScrapeJob(services, [targets, found]);
  ends.push(async () => await job.stop());
  await job.start();
  /** Lets time pass until that many scrapes more are done; a silent server's time limit too. */
  const scrapes = async (times: number, passTimeLimits = false) => {
    const before = job.pulse().length;
    while (job.pulse().length < before + times) {
      if (passTimeLimits || clock.waiting === 0) await clock.advance(250);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { clock, store, targets, found, job, scrapes };
}

/** The values of a metric by time, stale markers as "stale". */
async function valuesOf(store: MetricStore, name: string): Promise<readonly (number | "stale")[]> {
  const matchers = [{ name: "__name__", operator: "=", value: name } as const];
  const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  const snapshot = await store.snapshot({ matchers, range, budget: UNLIMITED_BUDGET });
  const values: (number | "stale")[] = [];
  for await (const batch of snapshot.read(range)) {
    for (let row = 0; row < (batch.offsets[batch.count] ?? 0); row++) {
      values.push(batch.stale[row] === 1 ? "stale" : (batch.values[row] ?? Number.NaN));
    }
  }
  snapshot.close();
  return values;
}

const statics = (address: string) => [{ targets: [address], labels: labelsOf({ zone: "east" }) }];

test("a target is scraped, stored with its labels and told to the pages", async () => {
  const seen: Record<string, unknown>[] = [];
  const address = await serve((request, response) => {
    seen.push({ ...request.headers, url: request.url });
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.setHeader("content-encoding", "gzip");
    response.end(gzipSync("requests_total 7\nbad line\n"));
  });
  const { store, job, scrapes } = await setUp([
    config({
      staticConfigs: statics(address),
      params: { module: ["a b"] },
      http: {
        ...config().http,
        headers: { "X-Agency": "irs" },
        username: "u",
        password: "p",
      },
    }),
  ]);
  expect(job.activeTargets()).toMatchObject([
    { health: "unknown", lastScrape: "0001-01-01T00:00:00Z" },
  ]);
  await scrapes(1);
  expect(await valuesOf(store, "requests_total")).toEqual([7]);
  expect(await valuesOf(store, "up")).toEqual([1]);
  expect(await valuesOf(store, "scrape_samples_scraped")).toEqual([1]);
  expect(await valuesOf(store, "scrape_series_added")).toEqual([1]);
  expect(seen[0]).toMatchObject({
    url: "/metrics?module=a+b",
    "accept-encoding": "gzip",
    "x-prometheus-scrape-timeout-seconds": "10",
    "x-agency": "irs",
    authorization: `Basic ${Buffer.from("u:p").toString("base64")}`,
    accept: expect.stringContaining("application/openmetrics-text;version=1.0.0"),
  });
  expect(job.activeTargets()).toEqual([
    {
      discoveredLabels: expect.objectContaining({ __address__: address, __scheme__: "http" }),
      labels: { instance: address, job: "irs", zone: "east" },
      scrapePool: "irs",
      scrapeUrl: `http://${address}/metrics?module=a+b`,
      globalUrl: `http://${address}/metrics?module=a+b`,
      lastError: "",
      lastScrape: expect.stringMatching(/^2023-11-14T/),
      lastScrapeDuration: expect.any(Number),
      health: "up",
      scrapeInterval: "15s",
      scrapeTimeout: "10s",
    },
  ]);
  expect(job.services()).toMatchObject([
    { job: "irs", origin: "configured", health: "up", skippedLines: 1 },
  ]);
  expect(job.services()[0]?.lastError).toBe("line 2: bad: line is not a number");
});

test("an exporter that sends neither status line nor headers is read all the same", async () => {
  const requests: string[] = [];
  const server = createSocketServer((socket) => {
    socket.once("data", (data) => {
      requests.push(String(data).split("\r\n")[0] ?? "");
      socket.end("claims_total 41\nlatency_ms [12.5, 13.0]");
    });
  });
  const address = await listen(server);
  const { store, job, scrapes } = await setUp([config({ staticConfigs: statics(address) })]);
  await scrapes(1);
  await scrapes(1);
  expect(await valuesOf(store, "claims_total")).toEqual([41, 41]);
  expect(job.services()[0]).toMatchObject({ health: "up", skippedLines: 1 });
  expect(requests).toHaveLength(2);
});

test("a target that fails is down, and what it had is stale from then on", async () => {
  let isBroken = false;
  const address = await serve((_, response) => {
    response.statusCode = isBroken ? 500 : 200;
    response.end("a 1\n");
  });
  const { store, job, scrapes } = await setUp([config({ staticConfigs: statics(address) })]);
  await scrapes(1);
  isBroken = true;
  await scrapes(1);
  await vi.waitFor(async () => expect(await valuesOf(store, "up")).toEqual([1, 0]));
  expect(await valuesOf(store, "a")).toEqual([1, "stale"]);
  expect(job.services()[0]).toMatchObject({
    health: "down",
    lastError: "server returned HTTP status 500 Internal Server Error",
  });
  expect(job.pulse().map(({ state }) => state)).toEqual(["ok", "failed"]);
  isBroken = false;
  await scrapes(1);
  expect(await valuesOf(store, "a")).toEqual([1, "stale", 1]);
});

async function errorOf(
  address: string,
  changes: Partial<ScrapeConfig> = {},
  isSilent = false,
): Promise<string> {
  const { job, scrapes } = await setUp([config({ staticConfigs: statics(address), ...changes })]);
  await scrapes(1, isSilent);
  return job.services()[0]?.lastError ?? "";
}

test("too slow, too large, cut short, not metrics, nobody there: each is told in words", async () => {
  const silent = await serve(() => {});
  expect(await errorOf(silent, {}, true)).toBe("no whole answer within 10 s");
  const large = await serve((_, response) => void response.end("a 1\n".repeat(1_000)));
  expect(await errorOf(large, { bodySizeLimit: 100 })).toBe("the answer is larger than 100 bytes");
  const bomb = await serve((_, response) => {
    response.setHeader("content-encoding", "gzip");
    response.end(gzipSync("a 1\n".repeat(100_000)));
  });
  expect(await errorOf(bomb, { bodySizeLimit: 10_000 })).toContain("larger than 10000 bytes");
  const cut = await serve((_, response) => {
    response.setHeader("content-length", "100");
    response.write("a 1\n");
    setImmediate(() => response.destroy());
  });
  expect(await errorOf(cut)).not.toBe("");
  const page = await serve((_, response) => void response.end("<html>\n<body>hello</body>\n"));
  expect(await errorOf(page)).toContain("No line of the body could be read");
  expect(await errorOf("127.0.0.1:1")).toContain("ECONNREFUSED");
});

test("credentials are not sent to another host", async () => {
  const seen: (string | undefined)[] = [];
  const other = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end("a 1\n");
  });
  const first = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(302, { location: `http://${other}/elsewhere` }).end();
  });
  const http = { ...config().http, credentials: "secret" };
  const { job, scrapes } = await setUp([config({ staticConfigs: statics(first), http })]);
  await scrapes(1);
  expect(job.services()[0]?.health).toBe("up");
  expect(seen).toEqual(["Bearer secret", undefined]);
});

test("a target that is gone is marked stale after two intervals and a tenth", async () => {
  const address = await serve((_, response) => void response.end("a 1\n"));
  const { store, clock, targets, job, scrapes } = await setUp([
    config({ staticConfigs: statics(address) }),
  ]);
  await scrapes(1);
  await targets.apply([]);
  expect(job.activeTargets()).toEqual([]);
  await clock.advance(INTERVAL_MS * 2);
  expect(await valuesOf(store, "a")).toEqual([1]);
  await clock.advance(INTERVAL_MS);
  expect(await valuesOf(store, "a")).toEqual([1, "stale"]);
  expect(await valuesOf(store, "up")).toEqual([1, "stale"]);
});

test("relabelling drops and renames targets; one that was also found is one", async () => {
  const address = await serve((_, response) => void response.end("a 1\n"));
  const relabelConfigs = [
    {
      action: "drop" as const,
      sourceLabels: ["__address__"],
      separator: ";",
      regex: "other.*",
      modulus: 0,
      targetLabel: "",
      replacement: "$1",
    },
  ];
  const { job, found } = await setUp([
    config({
      staticConfigs: [{ targets: [address, "other:1"], labels: [] }],
      relabelConfigs,
    }),
  ]);
  const port = address.split(":")[1];
  const made = makeTarget(config({ jobName: "again" }), `localhost:${port}`, [], "found");
  found.set(isTarget(made) ? [made] : []);
  expect(job.activeTargets().map(({ scrapePool }) => scrapePool)).toEqual(["irs"]);
  expect(job.droppedTargets()).toMatchObject([
    { scrapePool: "irs", discoveredLabels: { __address__: "other:1" } },
  ]);
  expect(job.droppedTargetCounts()).toEqual({ irs: 1 });
  expect(() => makeTarget(config(), "http://x:1/metrics", [], "found")).toThrow("host:port");
});

test("slots are spread, stable and a whole interval apart", () => {
  const offsets = Array.from({ length: 300 }, (_, i) => slotOffsetMs(`target ${i}`, 15_000));
  const thirds = [0, 0, 0];
  for (const offset of offsets) thirds[Math.floor(offset / 5_000)]!++;
  for (const count of thirds) expect(count).toBeGreaterThan(60);
  expect(nextSlotMs(1_000, 15_000, 700)).toBe(15_700);
  expect(nextSlotMs(15_700, 15_000, 700)).toBe(30_700);
  expect(stampMs(1_002, 1_000, 15_000)).toBe(1_000);
  expect(stampMs(1_003, 1_000, 15_000)).toBe(1_003);
});

test("what is configured and is no address is down, with how to write it", async () => {
  const { job, targets } = await setUp([
    config({ staticConfigs: statics("https://records:9100/probe") }),
  ]);
  const reason =
    "https://records:9100/probe is no address to scrape: it is not host:port; write records:9100, and in the job scheme: https, metrics_path: /probe";
  expect(job.services()).toMatchObject([
    { instance: "https://records:9100/probe", url: "", health: "down", lastError: reason },
  ]);
  const [target] = job.activeTargets();
  expect(target).toMatchObject({ health: "down", lastError: reason, labels: { zone: "east" } });
  expect(job.scrapePools()).toEqual([target?.scrapePool]);
  await targets.apply([config({ staticConfigs: statics("records:9100") })]);
  expect(job.services()).toMatchObject([{ url: "http://records:9100/metrics", health: "unknown" }]);
});
