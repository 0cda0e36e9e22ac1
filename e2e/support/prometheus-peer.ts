import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./hub.ts";

const PROGRAM = "/usr/bin/prometheus";

/** A reason when the peer is not installed; used with `describe.skipIf`. */
export const PROMETHEUS_MISSING = existsSync(PROGRAM)
  ? ""
  : "apt-get install -y --no-install-recommends prometheus";

export interface PrometheusPeer {
  readonly url: string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

/** Debian's Prometheus with an empty store that takes remote writes. */
export async function startPrometheus(): Promise<PrometheusPeer> {
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-prometheus-"));
  writeFileSync(join(folder, "p.yml"), "global: {}\n");
  const port = await freePort();
  const child = spawn(
    PROGRAM,
    [
      `--config.file=${join(folder, "p.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--web.enable-remote-write-receiver",
      "--storage.tsdb.retention.time=100y",
    ],
    { stdio: "ignore" },
  );
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/-/ready`)).ok, Boolean);
  return { url, stop: () => stop(child, folder) };
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
  rmSync(folder, { recursive: true, force: true });
}
