import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  eventually,
  freshFolder,
  type HubProcess,
  instant,
  removeFolder,
  startHub,
} from "./support/hub.ts";
import { freePort } from "./support/prometheus-peer.ts";

const PROGRAM = "/usr/bin/vmagent";
const MISSING = existsSync(PROGRAM) ? "" : "(missing: apt-get install victoria-metrics)";

const folder = freshFolder();
let hub: HubProcess;
let agent: ChildProcess;
let isGone = false;

/** A gauge that can go away, and a counter. */
const target = createServer((_, response) => {
  const gauge = isGone ? "" : 'queue_length{queue="tax returns",zone="é"} 7\n';
  response.end(`${gauge}# TYPE paid_total counter\npaid_total 41\n`);
});

beforeAll(async () => {
  if (MISSING) return;
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
  hub = await startHub();
  const { port } = target.address() as AddressInfo;
  const config = join(folder, "scrape.yml");
  const targets = `static_configs: [{ targets: ["127.0.0.1:${port}"] }]`;
  writeFileSync(
    config,
    `global: { scrape_interval: 1s }\nscrape_configs:\n  - { job_name: tax, ${targets} }\n`,
  );
  agent = spawn(
    PROGRAM,
    [
      `-promscrape.config=${config}`,
      `-remoteWrite.url=${hub.url}/api/v1/write`,
      `-remoteWrite.tmpDataPath=${join(folder, "queue")}`,
      `-httpListenAddr=127.0.0.1:${await freePort()}`,
    ],
    { stdio: "ignore" },
  );
});

afterAll(async () => {
  target.close();
  target.closeAllConnections();
  if (agent?.exitCode === null) {
    const exit = once(agent, "exit");
    agent.kill("SIGTERM");
    await exit;
  }
  await hub?.stop();
  removeFolder(folder);
  if (hub) removeFolder(hub.folder);
});

async function shown(query: string): Promise<string | undefined> {
  return (await instant(hub.url, query)).result[0]?.value[1];
}

describe.skipIf(MISSING)(`vmagent writes to the hub ${MISSING}`, () => {
  it("what it scrapes is there, and ends with a staleness marker when it is gone", async () => {
    const gauge = 'queue_length{job="tax",queue="tax returns",zone="é"}';
    await eventually(
      () => shown(gauge),
      (value) => value === "7",
    );
    expect(await shown('paid_total{job="tax"}')).toBe("41");
    isGone = true;
    await eventually(
      () => shown(gauge),
      (value) => value === undefined,
    );
    expect(await shown('paid_total{job="tax"}')).toBe("41");
  });
});
