import {
  access,
  constants,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  writeFile,
} from "node:fs/promises";
import { join, resolve } from "node:path";
import { OpsError } from "@hms-ops/model";
import { makeFolder } from "@hms-ops/stores/disk";
import { HUB_ERRORS } from "../errors.ts";

/** Rises when what lies in the folder can no longer be read by an older hub. */
const FORMAT_VERSION = 1;

/** What a second `up` reads of the first one. */
export interface RunningHub {
  /** 0 = not known. */
  readonly pid: number;
  readonly url: string;
  /** As it was started; empty where an older release wrote it. */
  readonly flags: Readonly<Record<string, string>>;
  readonly workingFolder: string;
}

const UNKNOWN_HUB: RunningHub = { pid: 0, url: "an unknown address", flags: {}, workingFolder: "" };
const START_WAIT_MS = 100;
const START_WAITS = 20;

/** Names and records of a hub's data folder; its lock is held elsewhere. */
export class DataFolder {
  readonly path: string;
  #isNew = false;

  constructor(path: string) {
    this.path = resolve(path);
  }

  get lockFile(): string {
    return join(this.path, "lock.db");
  }

  get documentsFile(): string {
    return join(this.path, "control.db");
  }

  get metricsFolder(): string {
    return join(this.path, "tsdb");
  }

  get logFile(): string {
    return join(this.path, "hub.log");
  }

  /** Makes the folder. Throws an OpsError if it cannot be used. */
  async make(): Promise<void> {
    this.#isNew = (await stat(this.path).catch(() => undefined)) === undefined;
    try {
      await makeFolder(this.path, 0o700);
      await access(this.path, constants.W_OK);
    } catch (error) {
      const reason = (error as Error).message;
      throw new OpsError(HUB_ERRORS.dataDirUnusable, { dataDir: this.path, reason });
    }
  }

  /**
   * Call with the lock held, before anything is stored: takes away what a start made that is
   * refused. False = the folder was there before; it is as it was.
   */
  async unmake(): Promise<boolean> {
    if (!this.#isNew) return false;
    // The lock goes last: a hub that starts meanwhile makes its own, and then the folder stays.
    const own = [this.logFile, join(this.path, "meta.json"), `${this.lockFile}-journal`];
    for (const file of [...own, this.lockFile]) await rm(file, { force: true });
    await rmdir(this.path).catch(() => {});
    return true;
  }

  /** Of the disk that it lies on, as far as this process may use it. */
  async space(): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
    const { bavail, blocks, bsize } = await statfs(this.path);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  }

  /** Call with the lock held. Throws an OpsError if a newer version wrote the data. */
  async checkFormat(): Promise<void> {
    const found = (await this.#read("meta.json")) as { formatVersion?: unknown } | undefined;
    if (found === undefined) {
      await this.#write("meta.json", { formatVersion: FORMAT_VERSION });
      return;
    }
    const { formatVersion } = found;
    if (typeof formatVersion === "number" && formatVersion <= FORMAT_VERSION) return;
    const inputs = { dataDir: this.path, found: String(formatVersion), known: FORMAT_VERSION };
    throw new OpsError(HUB_ERRORS.dataIsNewer, inputs);
  }

  async noteRunning(hub: RunningHub): Promise<void> {
    await this.#write("running.json", hub);
  }

  /** What the hub that holds the lock said of itself; while it starts, that is waited for. */
  async running(): Promise<RunningHub> {
    for (let waits = 0; waits < START_WAITS; waits++) {
      const found = ((await this.#read("running.json")) ?? {}) as Partial<RunningHub>;
      const { pid, url, flags = {}, workingFolder = "" } = found;
      if (typeof pid === "number" && typeof url === "string") {
        return { pid, url, flags, workingFolder };
      }
      await new Promise((resolve) => setTimeout(resolve, START_WAIT_MS));
    }
    return UNKNOWN_HUB;
  }

  async forgetRunning(): Promise<void> {
    await rm(join(this.path, "running.json"), { force: true });
  }

  async #read(name: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(join(this.path, name), "utf8"));
    } catch {
      return undefined;
    }
  }

  async #write(name: string, value: unknown): Promise<void> {
    const file = join(this.path, name);
    await writeFile(`${file}.new`, `${JSON.stringify(value)}\n`, { mode: 0o600, flush: true });
    await rename(`${file}.new`, file);
  }
}
