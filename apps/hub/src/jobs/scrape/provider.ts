import type { DroppedTarget, RefusedTarget, ScrapeTarget } from "./target.ts";

/** Somebody who knows targets: the configuration, discovery on this machine, the demo. */
export interface TargetProvider {
  readonly name: string;
  /** `changed` is to be called whenever the answers of the other methods change. */
  start(changed: () => void): Promise<void>;
  stop(): Promise<void>;
  targets(): readonly ScrapeTarget[];
  dropped(): readonly DroppedTarget[];
  refused(): readonly RefusedTarget[];
}

/** Targets that somebody else sets: the demo agency's services, a hub's own. */
export class FixedTargets implements TargetProvider {
  readonly name: string;
  #targets: readonly ScrapeTarget[] = [];
  #changed: () => void = () => {};

  constructor(name: string, targets: readonly ScrapeTarget[] = []) {
    this.name = name;
    this.#targets = targets;
  }

  set(targets: readonly ScrapeTarget[]): void {
    this.#targets = targets;
    this.#changed();
  }

  async start(changed: () => void): Promise<void> {
    this.#changed = changed;
  }

  async stop(): Promise<void> {
    this.#changed = () => {};
  }

  targets(): readonly ScrapeTarget[] {
    return this.#targets;
  }

  dropped(): readonly DroppedTarget[] {
    return [];
  }

  refused(): readonly RefusedTarget[] {
    return [];
  }
}
