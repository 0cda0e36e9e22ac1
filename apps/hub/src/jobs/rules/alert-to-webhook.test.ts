import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { Outbox, sendRequest } from "../../outbound/index.ts";
import { RuleFiles } from "../files/index.ts";
import { RuleRunner } from "./index.ts";
import { FakeHub } from "./testing/fakes.ts";

it("from a file in alerts/ to a web hook that hears of it, and back to quiet", async () => {
  const root = await mkdtemp(join(tmpdir(), "hms-ops-alerting-"));
  await mkdir(join(root, "alerts"));
  await writeFile(join(root, "alerts", "slow.yml"), "alert: Slow\nexpr: latency_ms_p95 > 400\n");
  const heard: string[] = [];
  const server = createServer((request, response) => {
    request.on("data", (chunk) => heard.push(String(chunk)));
    request.on("end", () => response.end());
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const hub = new FakeHub();
  const bound = "histogram_quantile(0.95, rate(latency_ms_bucket[5m])) > 400";
  hub.answers.set(bound, { score: 512 });
  const { services } = hub;
  const externalUrl = "http://localhost:9090";
  const outbox = new Outbox({ ...services, send: sendRequest, print: () => {}, externalUrl });
  const address = `http://127.0.0.1:${port}/hook`;
  const receivers = () => [{ channel: "webhook", address }];
  const runner = new RuleRunner({ ...services, outbox }, { externalUrl, receivers });
  const files = new RuleFiles(services, {
    folder: join(root, "alerts"),
    shipped: [],
    context: () => ({
      catalog: { exists: async () => false },
      directory: { contacts: {}, environment: {} },
      hasDefaultReceivers: true,
    }),
    apply: (groups) => runner.setGroups(groups),
  });
  try {
    for (const job of [outbox, files, runner]) await job.start();
    await hub.advance(20_000);
    await vi.waitFor(() => expect(heard).toHaveLength(1), { timeout: 10_000 });
    expect(JSON.parse(heard[0] ?? "")).toMatchObject({ version: "4", status: "firing" });
    expect(runner.summary()).toMatchObject({ firing: 1 });
    hub.answers.set(bound, {});
    await hub.advance(20_000);
    await vi.waitFor(() => expect(heard).toHaveLength(2), { timeout: 10_000 });
    expect(JSON.parse(heard[1] ?? "")).toMatchObject({ status: "resolved" });
  } finally {
    for (const job of [files, runner, outbox]) await job.stop();
    server.close();
    await rm(root, { recursive: true, force: true });
  }
});
