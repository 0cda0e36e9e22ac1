import { OpsError } from "@hms-ops/model";
import type { HubServices } from "../ports.ts";
import { DEFAULT_CONFIG, type HubConfig, loadConfig } from "./config-file.ts";
import { withoutSecrets } from "./secrets.ts";
import type { ConfigProblem } from "./yaml-reader.ts";

type Services = Pick<HubServices, "clock" | "log" | "metrics">;

/** hms-ops.yaml as it was last read without an error. */
export class LoadedConfig {
  readonly #file: string;
  readonly #services: Services;
  #value: HubConfig = DEFAULT_CONFIG;
  #problems: readonly ConfigProblem[] = [];
  #refusal: OpsError | undefined;
  #text = "";
  #loadedAtMs: number;

  /** An empty file name = none: the defaults hold. */
  constructor(file: string, services: Services) {
    this.#file = file;
    this.#services = services;
    this.#loadedAtMs = services.clock.now();
  }

  get value(): HubConfig {
    return this.#value;
  }

  get loadedAtMs(): number {
    return this.#loadedAtMs;
  }

  /** Why the file as it was last read is not what holds; undefined when it is. */
  get refusal(): OpsError | undefined {
    return this.#refusal;
  }

  /** The file's text without secrets. */
  get shownText(): string {
    return withoutSecrets(this.#text);
  }

  /** Throws an OpsError, and keeps what was read before, when the file is wrong. */
  async load(): Promise<void> {
    const { metrics } = this.#services;
    try {
      if (this.#file !== "") await this.#read();
      this.#refusal = undefined;
    } catch (error) {
      if (error instanceof OpsError) this.#refusal = error;
      throw error;
    } finally {
      const isTaken = this.#refusal === undefined;
      metrics.set("hms_ops_config_last_reload_successful", isTaken ? 1 : 0);
    }
  }

  async #read(): Promise<void> {
    const { config, problems, text } = await loadConfig(this.#file);
    this.#problems = problems;
    this.#value = config;
    this.#text = text;
    this.#loadedAtMs = this.#services.clock.now();
  }

  /** Logs what of the file does nothing; to be called once the log has its folder. */
  tellProblems(): void {
    const { log } = this.#services;
    for (const { line, column, message } of this.#problems) {
      const place = `${this.#file}:${line}:${column}`;
      log.warn("the configuration has a part that does nothing", { place, reason: message });
    }
    if (this.#value.ruleFiles.length > 0) {
      const mend = "Put them into alerts/, or load them with: hms-ops rules load FILE";
      log.warn("rule_files of the configuration are not read", { mend });
    }
  }
}
