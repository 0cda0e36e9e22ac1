import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DemoFault } from "@hms-ops/wire/api";
import type { HubServices, Job } from "../../ports.ts";

/** What the agency's process says over its channel. */
interface DemoNews {
  readonly kind: "faults";
  readonly faults: readonly DemoFault[];
}

export interface DemoJobOptions {
  /** The agency's program. */
  readonly entry: URL;
  readonly environment: Readonly<Record<string, string>>;
}

const ANSWER_MS = 5_000;
const STOP_MS = 3_000;

/** Runs the simulated agency as a process of its own and switches its faults. */
export class DemoJob implements Job {
  readonly name = "demo";
  readonly #services: Pick<HubServices, "clock" | "log">;
  readonly #options: DemoJobOptions;
  #child: ChildProcess | undefined;
  #folder = "";
  #faults: readonly DemoFault[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(services: Pick<HubServices, "clock" | "log">, options: DemoJobOptions) {
    this.#services = services;
    this.#options = options;
  }

  get faults(): readonly DemoFault[] {
    return this.#faults;
  }

  /** Makes the folder in which the agency's services announce themselves, apart from all others. */
  async makeRuntimeFolder(): Promise<string> {
    this.#folder = await mkdtemp(join(tmpdir(), "hms-ops-demo-"));
    return this.#folder;
  }

  async start(): Promise<void> {
    const { entry, environment } = this.#options;
    const child = fork(entry, [], {
      env: { ...process.env, ...environment, HMS_OPS_RUNTIME_DIR: this.#folder },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#services.log.warn("the demo says", { text: chunk.toString().slice(0, 1_000) });
    });
    child.on("message", (news: DemoNews) => {
      if (news.kind !== "faults") return;
      this.#faults = news.faults;
      for (const settle of this.#waiting) settle();
      this.#waiting.clear();
    });
    child.on("exit", (code) => {
      if (this.#child === child) this.#services.log.error("the demo ended by itself", { code });
    });
    child.on("error", (error) => this.#services.log.error("the demo cannot run", { error }));
  }

  /** Settles when the agency has said how its faults stand. */
  async switchFault(name: string, on: boolean): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      const forget = this.#services.clock.after(ANSWER_MS, resolve);
      this.#waiting.add(() => {
        forget();
        resolve();
      });
    });
    this.#child?.send({ kind: "fault", name, on });
    await heard;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      const forget = this.#services.clock.after(STOP_MS, () => child.kill("SIGKILL"));
      await ended;
      forget();
    }
    if (this.#folder !== "") await rm(this.#folder, { recursive: true, force: true });
  }
}
