import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@hms-ops/model/testing";
import { afterEach, expect, test, vi } from "vitest";
import { LocalDiscovery, type LocalDiscoveryOptions } from "./index.ts";

const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(body: () => string): Promise<number> {
  const server = createServer((_, response) => void response.end(body()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function setUp(options: Partial<LocalDiscoveryOptions> = {}) {
  const runtimeFolder = await mkdtemp(join(tmpdir(), "hms-ops-runtime-"));
  ends.push(async () => await rm(runtimeFolder, { recursive: true, force: true }));
  const folder = join(runtimeFolder, "services");
  await mkdir(folder, { mode: 0o700 });
  const clock = new FakeClock();
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const discovery = new LocalDiscovery(
    { clock, log },
    {
      runtimeFolder,
      defaults: { scrapeIntervalMs: 15_000, scrapeTimeoutMs: 10_000 },
      ownPorts: () => new Set<number>(),
      ports: [],
      ...options,
    },
  );
  ends.push(async () => await discovery.stop());
  const announce = async (name: string, changes: Record<string, unknown> = {}) => {
    const url = "http://127.0.0.1:8009/metrics";
    const base = { version: 1, service: "claims", pid: process.pid, url, startedAtMs: 1 };
    await writeFile(join(folder, name), JSON.stringify({ ...base, ...changes }));
  };
  const shown = () =>
    discovery
      .targets()
      .map(({ origin, config, url }) => `${origin} ${config.jobName} ${new URL(url).port}`);
  /** Lets time pass in small steps until the list is as expected. */
  const becomes = async (...expected: string[]) => {
    const look = async () => {
      await clock.advance(100);
      expect(shown()).toEqual(expected);
    };
    await vi.waitFor(look, { interval: 5, timeout: 20_000 });
  };
  return { clock, discovery, folder, announce, shown, becomes };
}

test("an announced service is a target at once, and none when its file is gone", async () => {
  const { discovery, folder, announce, shown, becomes } = await setUp();
  await announce("1.json");
  let changes = 0;
  await discovery.start(() => changes++);
  expect(shown()).toEqual(["announced claims 8009"]);
  await announce("2.json", { service: "pay", url: "http://127.0.0.1:8010/m" });
  await becomes("announced claims 8009", "announced pay 8010");
  await rm(join(folder, "1.json"));
  await becomes("announced pay 8010");
  expect(changes).toBe(3);
});

test("files of ended processes are removed; links and foreign formats are passed over", async () => {
  const { discovery, folder, announce, shown } = await setUp();
  // No system hands out this pid.
  await announce("dead.json", { pid: 2 ** 22 + 1 });
  await announce("elsewhere.txt");
  await writeFile(join(folder, "broken.json"), "{");
  await symlink(join(folder, "elsewhere.txt"), join(folder, "link.json"));
  await discovery.start(() => {});
  expect(shown()).toEqual([]);
  expect(await readdir(folder)).not.toContain("dead.json");
});

test("services on usual ports are found by what they answer", async () => {
  const plain = await serve(() => "claims_total 1\n");
  const named = await serve(() => 'a{service="score"} 1\nb{service="score"} 2\n');
  const page = await serve(() => "<html>\n<body>not 1\n</html>\n");
  const own = await serve(() => "hub 1\n");
  const { discovery, becomes } = await setUp({
    ports: [plain, named, page, own, 1],
    ownPorts: () => new Set([own]),
  });
  await discovery.start(() => {});
  await becomes(`found port-${plain} ${plain}`, `found score ${named}`);
});

test("an exporter without status line and headers is found too", async () => {
  const server = createSocketServer((socket) => {
    socket.once("data", () => socket.end("claims_total 41\nlatency_ms [12.5, 13.0]"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { discovery, becomes } = await setUp({ ports: [port] });
  await discovery.start(() => {});
  await becomes(`found port-${port} ${port}`);
});

test("a service that is announced and found is one", async () => {
  const port = await serve(() => "a 1\n");
  const { discovery, announce, becomes } = await setUp({ ports: [port] });
  await discovery.start(() => {});
  await becomes(`found port-${port} ${port}`);
  await announce("1.json", { url: `http://127.0.0.1:${port}/metrics` });
  await becomes(`announced claims ${port}`);
});

test("discovery can be switched off and on", async () => {
  const { discovery, announce, shown, clock } = await setUp();
  await announce("1.json");
  await discovery.start(() => {});
  await discovery.setOn(false);
  expect(discovery.isOn).toBe(false);
  expect(shown()).toEqual([]);
  await clock.advance(60_000);
  expect(shown()).toEqual([]);
  await discovery.setOn(true);
  expect(shown()).toEqual(["announced claims 8009"]);
});
