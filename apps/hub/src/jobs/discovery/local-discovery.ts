import { join } from "node:path";
import { OpsError } from "@hms-ops/model";
import type { ServiceAnnouncement } from "@hms-ops/wire/local";
import { defaultScrapeConfig, type ScrapeDefaults } from "../../config/scrape-config.ts";
import type { HubServices } from "../../ports.ts";
import {
  HttpReader,
  isTarget,
  makeTarget,
  type ScrapeTarget,
  type TargetProvider,
} from "../scrape/index.ts";
import { readAnnouncements } from "./announcements.ts";
import {
  ANNOUNCEMENT_POLL_MS,
  FORGET_AFTER_MISSES,
  PROBE_EVERY_POLLS,
  RECHECK_EVERY_PROBES,
} from "./limits.ts";
import { type ProbeResult, probePort } from "./probe.ts";

/** Where the chapters' services tell their metrics, and the node exporter. */
const USUAL_PORTS: readonly number[] = [8000, 8001, 8009, 9100];

export interface LocalDiscoveryOptions {
  /** wire/local's runtimeFolderOf. */
  readonly runtimeFolder: string;
  readonly defaults: ScrapeDefaults;
  /** Ports of this very hub, which is no service to be found. */
  readonly ownPorts: () => ReadonlySet<number>;
  readonly ports?: readonly number[];
  readonly isOn?: boolean;
}

interface FoundService extends ProbeResult {
  readonly misses: number;
}

/** Finds services of this machine: those that announce themselves, and those on usual ports. */
export class LocalDiscovery implements TargetProvider {
  readonly name = "local discovery";
  readonly #services: Pick<HubServices, "clock" | "log">;
  readonly #options: LocalDiscoveryOptions;
  readonly #reader: HttpReader;
  #isOn: boolean;
  #isStopped = true;
  #announced: readonly ServiceAnnouncement[] = [];
  #found: readonly FoundService[] = [];
  #targets: readonly ScrapeTarget[] = [];
  #round = 0;
  #probes = 0;
  #forgetNext: () => void = () => {};
  #changed: () => void = () => {};

  constructor(services: Pick<HubServices, "clock" | "log">, options: LocalDiscoveryOptions) {
    this.#services = services;
    this.#options = options;
    this.#reader = new HttpReader(services.clock);
    this.#isOn = options.isOn ?? true;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Off: nothing is looked for, and what was found is no longer scraped. */
  async setOn(isOn: boolean): Promise<void> {
    if (this.#isOn === isOn) return;
    this.#isOn = isOn;
    this.#forgetNext();
    if (isOn && !this.#isStopped) {
      this.#round = 0;
      await this.#look();
    } else {
      this.#announced = [];
      this.#found = [];
      this.#rebuild();
    }
  }

  /** Announcements are read before it settles, ports are tried in the background. */
  async start(changed: () => void): Promise<void> {
    this.#changed = changed;
    this.#isStopped = false;
    if (!this.#isOn) return;
    this.#announced = await readAnnouncements(this.#folder);
    this.#rebuild();
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#forgetNext();
    this.#reader.close();
  }

  targets(): readonly ScrapeTarget[] {
    return this.#targets;
  }

  dropped(): readonly [] {
    return [];
  }

  refused(): readonly [] {
    return [];
  }

  get #folder(): string {
    return join(this.#options.runtimeFolder, "services");
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped || !this.#isOn) return;
    this.#forgetNext = this.#services.clock.after(delayMs, () => {
      this.#look().catch((error: unknown) => {
        this.#services.log.warn("looking for services failed", { reason: String(error) });
      });
    });
  }

  async #look(): Promise<void> {
    this.#announced = await readAnnouncements(this.#folder);
    if (this.#round % PROBE_EVERY_POLLS === 0) await this.#probe();
    this.#round++;
    if (this.#isStopped || !this.#isOn) return;
    this.#rebuild();
    this.#schedule(ANNOUNCEMENT_POLL_MS);
  }

  /** Tries ports on which nobody is known; those that were found are asked now and then. */
  async #probe(): Promise<void> {
    const isRecheck = this.#probes++ % RECHECK_EVERY_PROBES === 0;
    const own = this.#options.ownPorts();
    const taken = new Set(this.#announced.map(({ url }) => Number(new URL(url).port)));
    const ports = (this.#options.ports ?? USUAL_PORTS).filter(
      (port) => !own.has(port) && !taken.has(port),
    );
    const asked = await Promise.all(
      ports.map(async (port): Promise<FoundService | undefined> => {
        const known = this.#found.find((one) => one.port === port);
        if (known && !isRecheck) return known;
        const result = await probePort(this.#reader, port);
        if (result) return { ...result, misses: 0 };
        const misses = (known?.misses ?? 0) + 1;
        return known && misses < FORGET_AFTER_MISSES ? { ...known, misses } : undefined;
      }),
    );
    this.#found = asked.filter((one) => one !== undefined);
  }

  #rebuild(): void {
    const own = this.#options.ownPorts();
    const announced = this.#announced
      .filter(({ url }) => !own.has(Number(new URL(url).port)))
      .flatMap(({ service, url }) => this.#target(service, new URL(url), "announced"));
    const taken = new Set(announced.map(({ url }) => Number(new URL(url).port)));
    const found = this.#found
      .filter(({ port }) => !taken.has(port))
      .flatMap(({ jobName, port }) =>
        this.#target(jobName, new URL(`http://127.0.0.1:${port}/metrics`), "found"),
      );
    const targets = [...announced, ...found];
    const isSame = JSON.stringify(targets) === JSON.stringify(this.#targets);
    if (isSame) return;
    for (const { url, origin } of targets) {
      if (this.#targets.some((known) => known.url === url)) continue;
      this.#services.log.info("found a service on this machine", { url, origin });
    }
    this.#targets = targets;
    this.#changed();
  }

  #target(jobName: string, url: URL, origin: "announced" | "found"): readonly ScrapeTarget[] {
    const config = {
      ...defaultScrapeConfig(jobName, this.#options.defaults),
      metricsPath: url.pathname,
    };
    try {
      const made = makeTarget(config, url.host, [], origin);
      return isTarget(made) ? [made] : [];
    } catch (error) {
      if (!(error instanceof OpsError)) throw error;
      return [];
    }
  }
}
