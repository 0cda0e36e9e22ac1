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
  /** Ends it in order and removes its folder. */
  stop(): Promise<void>;
  /** Ends it in order; the folder stays, for another to start in. */
  end(): Promise<void>;
}

export interface PrometheusOptions {
  /** Debian's when absent. */
  readonly program?: string;
  /** The configuration file's text; `$ADDRESS` in it is the address it listens on. */
  readonly config?: string;
  readonly flags?: readonly string[];
  /** A new one when absent. */
  readonly folder?: string;
  /** Any free one when absent. */
  readonly port?: number;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

/** A Prometheus with an empty store that takes remote writes unless told otherwise. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<PrometheusPeer> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "hms-ops-prometheus-"));
  const port = options.port ?? (await freePort());
  const address = `127.0.0.1:${port}`;
  const { program = PROGRAM, config = "global: {}\n", flags = [] } = options;
  writeFileSync(join(folder, "p.yml"), config.replaceAll("$ADDRESS", address));
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, "p.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      "--web.enable-remote-write-receiver",
      "--storage.tsdb.retention.time=100y",
      ...flags,
    ],
    { stdio: "ignore" },
  );
  const url = `http://${address}`;
  await eventually(async () => (await fetch(`${url}/-/ready`)).ok, Boolean);
  return {
    url,
    end: () => end(child),
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}
