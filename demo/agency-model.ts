import type { Random } from "@hms-ops/model";

/** What one service did within a second. */
export interface ServiceSecond {
  readonly requests: number;
  readonly errors: number;
  /** How long each request took. */
  readonly latenciesMs: readonly number[];
}

export interface AgencySecond {
  readonly ach: ServiceSecond & {
    readonly batchSize: number;
    readonly flagged: number;
    /** Payments that wait. */
    readonly queueDepth: number;
    readonly paymentsPerMinute: number;
  };
  readonly irs: ServiceSecond;
  readonly usda: ServiceSecond;
  readonly dmv: ServiceSecond & {
    readonly printerUp: boolean;
    readonly citizensWaiting: number;
  };
}

export const FAULTS = {
  "payments-slow":
    "licence payments take 11 s, 12 % of ACH payments fail, the queue grows past 500",
  "claims-errors": "one in five claim scorings of USDA fails",
  "printer-jam": "the licence printer stops, citizens wait",
} as const;

export type FaultName = keyof typeof FAULTS;

const DAY_MS = 86_400_000;
const QUEUE_CALM = 40;
const QUEUE_WORST = 900;
const QUEUE_GROWTH = 12;
const QUEUE_DRAIN = 25;
const WAITING_CALM = 18;
const WAITING_WORST = 160;

/**
 * A day of the agency: busy at 14:00 UTC, quiet at 2:00, noise on top, faults when they are on.
 * The same seed and times give the same day.
 */
export class Agency {
  readonly #random: Random;
  readonly #faults = new Set<FaultName>();
  #queueDepth = QUEUE_CALM;
  #waiting = WAITING_CALM;

  constructor(random: Random) {
    this.#random = random;
  }

  isOn(name: FaultName): boolean {
    return this.#faults.has(name);
  }

  switchFault(name: FaultName, on: boolean): void {
    if (on) this.#faults.add(name);
    else this.#faults.delete(name);
  }

  /** What happens in the second that begins at `nowMs`. */
  second(nowMs: number): AgencySecond {
    const busy = dailyLoad(nowMs);
    const slow = this.isOn("payments-slow");
    this.#moveQueues(slow);
    const ach = this.#serve(22 * busy, slow ? 0.12 : 0.004, slow ? 2600 : 180);
    return {
      ach: {
        ...ach,
        batchSize: Math.round(this.#about(240 * busy)),
        flagged: this.#random.next() < 1 / 7200 ? 1 : 0,
        queueDepth: Math.round(this.#queueDepth),
        paymentsPerMinute: (ach.requests - ach.errors) * 60,
      },
      irs: this.#serve(14 * busy, 0.002, 95),
      usda: this.#serve(8 * busy, this.isOn("claims-errors") ? 0.2 : 0.003, 140),
      dmv: {
        ...this.#serve(3 * busy, slow ? 0.03 : 0.001, slow ? 11_000 : 800),
        printerUp: !this.isOn("printer-jam"),
        citizensWaiting: Math.round(this.#waiting),
      },
    };
  }

  #moveQueues(slow: boolean): void {
    const queueChange = slow ? QUEUE_GROWTH : -QUEUE_DRAIN;
    this.#queueDepth = between(
      this.#about(QUEUE_CALM),
      this.#queueDepth + queueChange,
      QUEUE_WORST,
    );
    const waits = slow || this.isOn("printer-jam");
    this.#waiting = between(
      this.#about(WAITING_CALM),
      this.#waiting + (waits ? 1.5 : -4),
      WAITING_WORST,
    );
  }

  /** `rate` requests a second around a median; latencies are log-normal, as real ones nearly are. */
  #serve(rate: number, errorShare: number, medianMs: number): ServiceSecond {
    const requests = this.#poisson(rate);
    let errors = 0;
    const latenciesMs: number[] = [];
    for (let i = 0; i < requests; i++) {
      if (this.#random.next() < errorShare) errors++;
      latenciesMs.push(medianMs * Math.exp(0.35 * this.#normal()));
    }
    return { requests, errors, latenciesMs };
  }

  #about(value: number): number {
    return value * (1 + 0.06 * this.#normal());
  }

  /** Sum of twelve: close enough to normal, and bounded. */
  #normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.#random.next();
    return sum;
  }

  #poisson(mean: number): number {
    const stop = Math.exp(-mean);
    let count = 0;
    for (let product = this.#random.next(); product > stop; product *= this.#random.next()) count++;
    return count;
  }
}

/** From 0.35 at night to 1 in the afternoon. */
function dailyLoad(nowMs: number): number {
  const share = (nowMs % DAY_MS) / DAY_MS;
  return 0.675 + 0.325 * Math.cos(2 * Math.PI * (share - 14 / 24));
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
