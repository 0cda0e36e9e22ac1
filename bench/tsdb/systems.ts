import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { folderBytes, processorSeconds, writtenBytes } from "./process-figures.ts";
import { sleep, until, untilCalm } from "./waiting.ts";

export type SystemName = "HMS-OPS" | "Prometheus" | "VictoriaMetrics";

export interface DiskUse {
  /** What remains when the log has been turned into blocks. */
  readonly compactedBytes: number;
  readonly withLogBytes: number;
  readonly note: string;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CALM_MS = 4_000;
const CALM_LIMIT_MS = 120_000;

/** A server under measurement, with a folder of its own. It may be started again and again. */
export abstract class System {
  abstract readonly name: SystemName;
  /** Added to each query so that no answer comes from a cache. */
  readonly uncached: string = "";
  protected readonly folder: string;
  #child: ChildProcess | undefined;
  #endedSeconds = 0;
  #endedBytes = 0;
  protected url = "";

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  get address(): string {
    return this.url;
  }

  get writeAddress(): string {
    return `${this.url}/api/v1/write`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Of all its processes so far. */
  get processorSeconds(): number {
    return this.#endedSeconds + (this.#child ? processorSeconds(this.pid) : 0);
  }

  get writtenBytes(): number {
    return this.#endedBytes + (this.#child ? writtenBytes(this.pid) : 0);
  }

  /** What it printed last: the reason, when it ended by itself. */
  get output(): string {
    return "";
  }

  /** Ready to answer. */
  abstract start(): Promise<void>;

  /** Brings the folder to rest: everything flushed and merged, as far as the system offers it. */
  abstract compact(): Promise<DiskUse>;

  abstract version(): string;

  protected launch(
    program: string,
    flags: readonly string[],
    options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly pipe?: boolean },
  ): ChildProcess {
    const { pipe, ...rest } = options;
    const out = pipe ? "pipe" : "ignore";
    this.#child = spawn(program, flags, { ...rest, stdio: ["ignore", out, out] });
    return this.#child;
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (!hasEnded) {
      this.#endedSeconds = this.processorSeconds;
      this.#endedBytes = this.writtenBytes;
    }
    this.#child = undefined;
    if (hasEnded) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }

  async remove(): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  protected async post(path: string): Promise<Response> {
    const response = await fetch(this.url + path, { method: "POST" });
    await response.text();
    return response;
  }
}

export class PrometheusSystem extends System {
  readonly name = "Prometheus";
  readonly #data = join(this.folder, "data");
  readonly #settings: string;

  constructor(folder: string, settings = "global: {scrape_interval: 15s}\n") {
    super(folder);
    this.#settings = settings;
  }

  async start(): Promise<void> {
    const config = join(this.folder, "p.yml");
    writeFileSync(config, this.#settings);
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${this.#data}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--web.enable-remote-write-receiver",
      "--web.enable-admin-api",
      "--web.enable-lifecycle",
      "--storage.tsdb.retention.time=100y",
      "--log.level=warn",
    ];
    this.launch("/usr/bin/prometheus", flags, {});
    await until("ready", async () => (await fetch(`${this.url}/-/ready`)).ok, 120_000, 5);
  }

  async compact(): Promise<DiskUse> {
    await untilCalm(() => folderBytes(this.#data), CALM_MS, CALM_LIMIT_MS);
    const withLogBytes = folderBytes(this.#data);
    await this.post("/api/v1/admin/tsdb/snapshot");
    const [name = ""] = readdirSync(join(this.#data, "snapshots"));
    const compactedBytes = folderBytes(join(this.#data, "snapshots", name));
    rmSync(join(this.#data, "snapshots"), { recursive: true });
    return { compactedBytes, withLogBytes, note: "a snapshot: its blocks and its head as a block" };
  }

  version(): string {
    return firstLine("/usr/bin/prometheus", "--version");
  }
}

export class VictoriaMetricsSystem extends System {
  readonly name = "VictoriaMetrics";
  override readonly uncached = "&nocache=1";
  readonly #data = join(this.folder, "data");
  readonly #flags: readonly string[];

  constructor(folder: string, flags: readonly string[] = []) {
    super(folder);
    this.#flags = flags;
  }

  async start(): Promise<void> {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const flags = [
      `-storageDataPath=${this.#data}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      "-retentionPeriod=100y",
      "-search.latencyOffset=0s",
      "-search.maxUniqueTimeseries=3000000",
      "-search.maxSeries=3000000",
      "-search.maxSamplesPerQuery=10000000000",
      "-loggerLevel=ERROR",
      ...this.#flags,
    ];
    this.launch("/usr/bin/victoria-metrics", flags, {});
    await until("healthy", async () => (await fetch(`${this.url}/health`)).ok, 120_000, 5);
  }

  async compact(): Promise<DiskUse> {
    await fetch(`${this.url}/internal/force_flush`);
    await fetch(`${this.url}/internal/force_merge`);
    await sleep(500);
    await untilCalm(() => folderBytes(this.#data), CALM_MS, CALM_LIMIT_MS);
    const bytes = folderBytes(this.#data);
    return {
      compactedBytes: bytes,
      withLogBytes: bytes,
      note: "after a forced merge; it has no log",
    };
  }

  version(): string {
    const status = execFileSync("/usr/bin/dpkg", ["-s", "victoria-metrics"]).toString();
    return `victoria-metrics ${/^Version: (.*)$/m.exec(status)?.[1]} (Debian)`;
  }
}

export class HmsOpsSystem extends System {
  readonly name = "HMS-OPS";
  override readonly uncached = "&nocache=1";
  /** A checkout other than this one may be measured. */
  readonly #root: string;
  readonly #prefix: readonly string[];
  readonly #flags: readonly string[];
  readonly #data = join(this.folder, "data");
  #output = "";

  /** `prefix` is put before the command, `taskset -c 0,1` say; `flags` behind it. */
  constructor(
    folder: string,
    root = ROOT,
    prefix: readonly string[] = [],
    flags: readonly string[] = [],
  ) {
    super(folder);
    this.#flags = flags;
    this.#root = root;
    this.#prefix = prefix;
  }

  override get output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    const [program = "", ...words] = [...this.#prefix, join(this.#root, "apps/cli/bin/hms-ops")];
    const flags = ["up", "--port", "0", "--no-aliases", "--no-discovery", "--data-dir", this.#data];
    const { HMS_OPS_URL: _url, HMS_OPS_TOKEN: _token, OPS_HUB: _hub, ...rest } = process.env;
    const env = { ...rest, HMS_OPS_RUNTIME_DIR: join(this.folder, ".runtime"), NO_COLOR: "1" };
    this.#output = "";
    const options = { cwd: this.folder, env, pipe: true };
    const child = this.launch(program, [...words, ...flags, ...this.#flags], options);
    this.url = await new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-20_000);
        const port = /running at http:\/\/localhost:(\d+)/.exec(this.#output)?.[1];
        if (port) resolve(`http://127.0.0.1:${port}`);
      };
      child.stdout?.on("data", read);
      child.stderr?.on("data", read);
      child.on("exit", (code) => reject(new Error(`the hub ended with ${code}:\n${this.#output}`)));
    });
  }

  async compact(): Promise<DiskUse> {
    const store = join(this.#data, "tsdb");
    const { status } = await this.post("/api/ops/v1/tsdb/compact");
    await untilCalm(() => folderBytes(store), CALM_MS, CALM_LIMIT_MS);
    const bytes = folderBytes(store);
    return {
      // Its log counts: what it still holds is in no block.
      compactedBytes: bytes,
      withLogBytes: bytes,
      note: status < 300 ? "after its compact call" : `as it is: compact answered ${status}`,
    };
  }

  version(): string {
    const git = (...words: string[]) =>
      execFileSync("git", ["-C", ROOT, ...words])
        .toString()
        .trim();
    const changed = git("status", "--porcelain", "packages/stores", "packages/wire", "apps/hub");
    return `commit ${git("rev-parse", "--short", "HEAD")}${changed ? " with changes" : ""}`;
  }
}

/** Why the peers can't be measured here, or nothing. */
export function missingPeers(): string {
  const missing = ["prometheus", "victoria-metrics"].filter(
    (name) => !existsSync(`/usr/bin/${name}`),
  );
  return missing.length === 0
    ? ""
    : `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
}

function firstLine(program: string, flag: string): string {
  return execFileSync(program, [flag]).toString().split("\n")[0] ?? "";
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
