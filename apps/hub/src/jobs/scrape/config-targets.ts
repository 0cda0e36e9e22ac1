import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Labels, OpsError, withLabels } from "@hms-ops/model";
import {
  readTargetGroup,
  type ScrapeConfig,
  type TargetGroup,
} from "../../config/scrape-config.ts";
import { listOf, problemLines, YamlReader } from "../../config/yaml-reader.ts";
import type { HubServices } from "../../ports.ts";
import { FILE_DISCOVERY_POLL_MS } from "./limits.ts";
import type { TargetProvider } from "./provider.ts";
import {
  type DroppedTarget,
  isTarget,
  makeTarget,
  type RefusedTarget,
  type ScrapeTarget,
} from "./target.ts";

interface FileGroups {
  readonly modifiedMs: number;
  readonly groups: readonly TargetGroup[];
}

/** Targets of scrape_configs: those that it names, and those of its files as they change. */
export class ConfigTargets implements TargetProvider {
  readonly name = "config";
  readonly #services: Pick<HubServices, "clock" | "log">;
  #configs: readonly ScrapeConfig[];
  #targets: readonly ScrapeTarget[] = [];
  #dropped: readonly DroppedTarget[] = [];
  #refused: readonly RefusedTarget[] = [];
  /** The last good content of each file of file_sd_configs. */
  #files = new Map<string, FileGroups>();
  #changed: () => void = () => {};
  #forgetPoll: () => void = () => {};

  constructor(services: Pick<HubServices, "clock" | "log">, configs: readonly ScrapeConfig[]) {
    this.#services = services;
    this.#configs = configs;
  }

  async start(changed: () => void): Promise<void> {
    this.#changed = changed;
    await this.#readFiles();
    this.#rebuild();
    this.#poll();
  }

  async stop(): Promise<void> {
    this.#forgetPoll();
    this.#changed = () => {};
  }

  /** Takes the place of what was configured before (a reload). */
  async apply(configs: readonly ScrapeConfig[]): Promise<void> {
    this.#configs = configs;
    await this.#readFiles();
    this.#rebuild();
    this.#changed();
  }

  targets(): readonly ScrapeTarget[] {
    return this.#targets;
  }

  dropped(): readonly DroppedTarget[] {
    return this.#dropped;
  }

  refused(): readonly RefusedTarget[] {
    return this.#refused;
  }

  #poll(): void {
    const intervals = this.#configs.flatMap(({ fileSdConfigs }) =>
      fileSdConfigs.map(({ refreshIntervalMs }) => refreshIntervalMs),
    );
    const delayMs = Math.min(FILE_DISCOVERY_POLL_MS, ...intervals);
    this.#forgetPoll = this.#services.clock.after(delayMs, () => {
      void this.#readFiles().then((isChanged) => {
        if (isChanged) {
          this.#rebuild();
          this.#changed();
        }
        this.#poll();
      });
    });
  }

  /** Whether any file is other than before. A file that cannot be read keeps its last content. */
  async #readFiles(): Promise<boolean> {
    const patterns = this.#configs.flatMap(({ fileSdConfigs }) =>
      fileSdConfigs.flatMap(({ files }) => files),
    );
    const found = new Map<string, FileGroups>();
    let isChanged = false;
    for (const path of await expand(patterns)) {
      const known = this.#files.get(path);
      const modifiedMs = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined,
      );
      if (modifiedMs === undefined) continue;
      if (known?.modifiedMs === modifiedMs) {
        found.set(path, known);
        continue;
      }
      const groups = (await this.#readGroups(path)) ?? known?.groups ?? [];
      found.set(path, { modifiedMs, groups });
      isChanged = true;
    }
    isChanged ||= found.size !== this.#files.size;
    this.#files = found;
    return isChanged;
  }

  async #readGroups(path: string): Promise<readonly TargetGroup[] | undefined> {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    // JSON is YAML, so one reader takes both.
    const reader = new YamlReader(path);
    const root = reader.parse(text);
    const groups = root ? listOf(readTargetGroup)(root, reader) : [];
    if (reader.problems.length === 0) return groups;
    this.#services.log.warn("a file of targets cannot be read, its last content is kept", {
      problems: problemLines(reader.problems),
    });
    return undefined;
  }

  #rebuild(): void {
    const targets: ScrapeTarget[] = [];
    const dropped: DroppedTarget[] = [];
    const refused: RefusedTarget[] = [];
    for (const config of this.#configs) {
      const made = this.#targetsOf(config, refused);
      const live = made.filter(isTarget);
      dropped.push(...made.filter((one): one is DroppedTarget => !isTarget(one)));
      if (config.targetLimit > 0 && live.length > config.targetLimit) {
        const { jobName, targetLimit } = config;
        this.#services.log.error("a job has more targets than its target_limit; none is scraped", {
          jobName,
          targetLimit,
          found: live.length,
        });
      } else targets.push(...live);
    }
    this.#targets = targets;
    this.#dropped = dropped;
    this.#refused = refused;
  }

  #targetsOf(
    config: ScrapeConfig,
    refused: RefusedTarget[],
  ): readonly (ScrapeTarget | DroppedTarget)[] {
    return this.#groupsOf(config).flatMap(({ targets, labels }) =>
      targets.flatMap((address) => {
        try {
          return [makeTarget(config, address, labels, "configured")];
        } catch (error) {
          if (!(error instanceof OpsError)) throw error;
          const { message: reason, mend, code } = error;
          this.#services.log.error(reason, {
            jobName: config.jobName,
            target: address,
            mend,
            code,
          });
          refused.push({ scrapePool: config.jobName, address, labels, reason });
          return [];
        }
      }),
    );
  }

  #groupsOf({ staticConfigs, fileSdConfigs }: ScrapeConfig): readonly TargetGroup[] {
    const patterns = fileSdConfigs.flatMap(({ files }) => files);
    const fromFiles = [...this.#files].flatMap(([path, { groups }]) =>
      patterns.some((pattern) => matchesPattern(path, pattern))
        ? groups.map(({ targets, labels }) => ({ targets, labels: withFile(labels, path) }))
        : [],
    );
    return [...staticConfigs, ...fromFiles];
  }
}

function withFile(labels: Labels, path: string): Labels {
  return withLabels(labels, { __meta_filepath: path });
}

/** Files that the patterns name; only the last part of a path may hold `*`. */
async function expand(patterns: readonly string[]): Promise<readonly string[]> {
  const paths = new Set<string>();
  for (const pattern of patterns) {
    if (!basename(pattern).includes("*")) {
      paths.add(pattern);
      continue;
    }
    const folder = dirname(pattern);
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      if (matchesPattern(path, pattern)) paths.add(path);
    }
  }
  return [...paths].sort();
}

function matchesPattern(path: string, pattern: string): boolean {
  if (dirname(path) !== dirname(pattern)) return false;
  const parts = basename(pattern).split("*");
  const name = basename(path);
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return name === first;
  const last = rest.pop() ?? "";
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at + last.length <= name.length;
}
