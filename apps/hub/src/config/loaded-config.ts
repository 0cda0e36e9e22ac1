import { readFile } from "node:fs/promises";
import type { Clock } from "@hms-ops/model";
import type { Log } from "../ports.ts";
import { DEFAULT_CONFIG, type HubConfig, loadConfig } from "./config-file.ts";
import type { ConfigProblem } from "./yaml-reader.ts";

/** hms-ops.yaml as it was last read without an error. */
export class LoadedConfig {
  readonly #file: string;
  readonly #services: { readonly clock: Clock; readonly log: Log };
  #value: HubConfig = DEFAULT_CONFIG;
  #problems: readonly ConfigProblem[] = [];
  #text = "";
  #loadedAtMs: number;

  /** An empty file name = none: the defaults hold. */
  constructor(file: string, services: { readonly clock: Clock; readonly log: Log }) {
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

  /** The file's text; values of keys that hold secrets are struck out. */
  get shownText(): string {
    return this.#text
      .replace(SECRET_LINE, "$1 <secret>")
      .replace(/(\/\/)[^/@\s]+@/g, "$1<secret>@");
  }

  /** Throws an OpsError, and keeps what was read before, when the file is wrong. */
  async load(): Promise<void> {
    if (this.#file === "") return;
    const { config, problems } = await loadConfig(this.#file);
    this.#problems = problems;
    this.#value = config;
    this.#text = await readFile(this.#file, "utf8");
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

const SECRET_LINE =
  /^(\s*-?\s*(?:password|credentials|bearer_token|\w*(?:secret|token|_key)\w*)\s*:).*$/gim;
