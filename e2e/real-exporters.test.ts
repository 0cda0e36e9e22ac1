import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM_MISSING, launchChromium } from "./support/browser.ts";
import {
  eventually,
  freshFolder,
  getData,
  HMS_OPS,
  type HubProcess,
  instant,
  quietEnvironment,
  ROOT,
  removeFolder,
  startHub,
} from "./support/hub.ts";

const NODE_EXPORTER = "/usr/bin/prometheus-node-exporter";
const PROMETHEUS = "/usr/bin/prometheus";
const PYTHON = "/usr/bin/python3";
const PYTHON_PACKAGES = "/usr/lib/python3/dist-packages";

const hasNodeExporter = existsSync(NODE_EXPORTER);
const hasPrometheus = existsSync(PROMETHEUS);
const hasPython = existsSync(PYTHON);
const hasFlask =
  existsSync(`${PYTHON_PACKAGES}/flask`) && existsSync(`${PYTHON_PACKAGES}/prometheus_client`);

/** The title of a test, with what to install where its peer is missing. */
function needs(title: string, isThere: boolean, packages: string): string {
  return isThere ? title : `${title} (missing: apt-get install ${packages})`;
}

const folder = freshFolder();
const peers: ChildProcess[] = [];
let hub: HubProcess;
let ports: { node: number; refunds: number; metrics: number; bare: number };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function start(program: string, ...parameters: readonly string[]): void {
  peers.push(spawn(program, parameters, { stdio: "ignore", cwd: folder }));
}

function fixture(name: string): string {
  return join(ROOT, "e2e/fixtures", name);
}

async function value(expr: string): Promise<number> {
  const { result } = await instant(hub.url, expr);
  return Number(result[0]?.value[1] ?? Number.NaN);
}

beforeAll(async () => {
  ports = {
    node: await freePort(),
    refunds: await freePort(),
    metrics: await freePort(),
    bare: await freePort(),
  };
  if (hasNodeExporter) start(NODE_EXPORTER, `--web.listen-address=127.0.0.1:${ports.node}`);
  if (hasFlask) {
    start(PYTHON, fixture("refund_service.py"), `${ports.refunds}`, `${ports.metrics}`);
  }
  if (hasPython) start(PYTHON, fixture("bare_exporter.py"), `${ports.bare}`);
  mkdirSync(join(folder, "targets"));
  const bare = [{ targets: [`127.0.0.1:${ports.bare}`], labels: { agency: "usda" } }];
  writeFileSync(join(folder, "targets/bare.json"), JSON.stringify(bare));
  writeFileSync(
    join(folder, "hms-ops.yaml"),
    `global: {scrape_interval: 1s}
scrape_configs:
  - job_name: node
    static_configs: [{targets: ["127.0.0.1:${ports.node}"]}]
  - job_name: refunds
    static_configs: [{targets: ["127.0.0.1:${ports.metrics}"], labels: {agency: irs}}]
    metric_relabel_configs: [{source_labels: [__name__], regex: python_.*, action: drop}]
  - job_name: score
    file_sd_configs: [{files: ["targets/*.json"]}]
`,
  );
  hub = await startHub({ folder, flags: ["--no-discovery", "--config", "hms-ops.yaml"] });
});

afterAll(async () => {
  await hub?.stop();
  for (const peer of peers) peer.kill();
  removeFolder(folder);
});

describe("real exporters are scraped", () => {
  it.skipIf(!hasNodeExporter)(
    needs("Debian's node exporter", hasNodeExporter, "prometheus-node-exporter"),
    async () => {
      await eventually(
        () => value('count({job="node",__name__=~"node_.*"})'),
        (count) => count > 300,
      );
      expect(await value('up{job="node"}')).toBe(1);
      expect(await value('node_memory_MemTotal_bytes{job="node"}')).toBeGreaterThan(2 ** 26);
      expect(await value('scrape_samples_scraped{job="node"}')).toBeGreaterThan(300);
      const metadata = await getData<Record<string, { type: string }[]>>(
        hub.url,
        "/api/v1/metadata?metric=node_load1",
      );
      expect(metadata.node_load1?.[0]?.type).toBe("gauge");
    },
  );

  it.skipIf(!hasFlask)(
    needs("chapter 1's refund service", hasFlask, "python3-flask python3-prometheus-client"),
    async () => {
      await eventually(
        () => value("refund_requests_total"),
        (count) => count === 0,
      );
      for (let i = 0; i < 40; i++) {
        await fetch(`http://127.0.0.1:${ports.refunds}/refund/status`);
      }
      await eventually(
        () => value('refund_latency_seconds_count{job="refunds",agency="irs"}'),
        (count) => count === 40,
      );
      expect(await value('refund_latency_seconds_bucket{le="0.5"}')).toBe(40);
      expect(await value('count({job="refunds",__name__=~"python_.*"})')).toBeNaN();
    },
  );

  it.skipIf(!hasPython)(
    needs("chapter 4's exporter, which sends no status line", hasPython, "python3"),
    async () => {
      const bare = await eventually(
        () => instant(hub.url, "claims_total"),
        ({ result }) => result.length === 1,
      );
      expect(bare.result[0]).toMatchObject({
        metric: { job: "score", agency: "usda", instance: `127.0.0.1:${ports.bare}` },
        value: [expect.anything(), "41"],
      });
    },
  );

  it.skipIf(!hasNodeExporter)(
    needs(
      "hms-ops query prints the exporter's series",
      hasNodeExporter,
      "prometheus-node-exporter",
    ),
    () => {
      const { status, stdout } = spawnSync(HMS_OPS, ["query", 'node_load1{job="node"}'], {
        env: { ...quietEnvironment(folder), HMS_OPS_URL: hub.url },
        encoding: "utf8",
      });
      expect(status).toBe(0);
      expect(stdout).toMatch(/node_load1\{.*job="node"\} +\S+ +[\d.]+/);
    },
  );

  it.skipIf(CHROMIUM_MISSING || !hasNodeExporter)(
    needs("the page lists the exporter's series and draws it", !CHROMIUM_MISSING, "chromium"),
    async () => {
      const browser = await launchChromium();
      try {
        const page = await browser.newPage();
        const expr = encodeURIComponent('node_load1{job="node"}');
        await page.goto(`${hub.url}/graph?g0.expr=${expr}`);
        await page.getByText("node_load1", { exact: false }).first().waitFor();
        await page.locator("canvas").first().waitFor();
        await page.getByPlaceholder("Find a metric").fill("node_load1");
        await page.getByText("node_load15").first().waitFor();
      } finally {
        await browser.close();
      }
    },
  );

  it("the targets page tells what was found", async () => {
    const { activeTargets } = await getData<{ activeTargets: Record<string, unknown>[] }>(
      hub.url,
      "/api/v1/targets?state=active",
    );
    const pools = activeTargets.map(({ scrapePool }) => scrapePool);
    expect(pools).toEqual(expect.arrayContaining(["node", "refunds", "score"]));
  });

  it.skipIf(!hasPrometheus || !hasNodeExporter)(
    needs("Debian's Prometheus sends by remote write", hasPrometheus, "prometheus"),
    async () => {
      const port = await freePort();
      writeFileSync(
        join(folder, "prometheus.yml"),
        `global: {scrape_interval: 1s, external_labels: {sender: prometheus}}
remote_write: [{url: "${hub.url}/api/v1/write"}]
scrape_configs:
  - job_name: sent
    static_configs: [{targets: ["127.0.0.1:${ports.node}"]}]
`,
      );
      start(
        PROMETHEUS,
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=prometheus-data",
        `--web.listen-address=127.0.0.1:${port}`,
      );
      await eventually(
        () => value('count({job="sent",sender="prometheus"})'),
        (count) => count > 300,
        60_000,
      );
      await eventually(
        () => value('up{job="sent"}'),
        (up) => up === 1,
      );
    },
  );
});
