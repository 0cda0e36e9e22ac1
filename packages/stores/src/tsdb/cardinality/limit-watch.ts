import type { Clock, LimitHit, SourceId } from "@hms-ops/model";
import type { TsdbLimits } from "../../limits.ts";

/** Offenders remembered, the latest ones; a sender that makes up metric names must not fill memory. */
const OFFENDERS_MAX = 100;

export interface Offence {
  readonly limit: keyof TsdbLimits;
  readonly metric: string;
  readonly source: SourceId;
  /** Samples refused. */
  readonly count: number;
  readonly example: string;
}

/** Which limits refused samples, and of whom. Writer only. */
export class LimitWatch {
  readonly #clock: Clock;
  readonly #refused = new Map<keyof TsdbLimits, number>();
  /** The latest is the last. */
  readonly #offenders = new Map<string, LimitHit>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Samples refused, by limit. */
  get refused(): ReadonlyMap<keyof TsdbLimits, number> {
    return this.#refused;
  }

  /** The latest first. */
  get offenders(): readonly LimitHit[] {
    return [...this.#offenders.values()].reverse();
  }

  count(limit: keyof TsdbLimits, samples: number): void {
    this.#refused.set(limit, (this.#refused.get(limit) ?? 0) + samples);
  }

  blame({ limit, metric, source, count, example }: Offence): void {
    this.count(limit, count);
    const key = JSON.stringify([limit, metric, source]);
    const before = this.#offenders.get(key)?.count ?? 0;
    this.#offenders.delete(key);
    const lastMs = this.#clock.now();
    this.#offenders.set(key, { limit, metric, source, count: before + count, lastMs, example });
    if (this.#offenders.size <= OFFENDERS_MAX) return;
    for (const oldest of this.#offenders.keys()) {
      this.#offenders.delete(oldest);
      return;
    }
  }
}
