import type { AppendAck } from "@hms-ops/model";
import type { IngestHealth, PulseTick } from "@hms-ops/wire/api";

/** The rate is taken over the last minute, in steps of this size. */
const STEP_MS = 5_000;
const STEPS = 12;
/** After that time without a sample something is wrong: the hub itself stores some every 15 s. */
const SILENCE_MS = 60_000;
/** How long a refusal or failure shows on the page. */
const REMEMBERED_MS = 60_000;
const LATEST_TICKS = 10;

interface Trouble {
  readonly atMs: number;
  readonly reason: string;
}

/** Watches samples go into the store, for the strip of every page. */
export class IngestMeter {
  /** Accepted samples by step, newest last. */
  readonly #steps: { readonly startMs: number; count: number }[] = [];
  #lastSampleMs: number | undefined;
  #refused: Trouble | undefined;
  #failed: Trouble | undefined;

  note({ accepted, rejections }: AppendAck, nowMs: number): void {
    const [rejection] = rejections;
    if (rejection) {
      const { count, reason, example } = rejection;
      this.#refused = { atMs: nowMs, reason: `${count} samples refused: ${reason} (${example})` };
    }
    if (accepted === 0) return;
    this.#lastSampleMs = nowMs;
    this.#failed = undefined;
    const startMs = nowMs - (nowMs % STEP_MS);
    const last = this.#steps.at(-1);
    if (last && last.startMs === startMs) last.count += accepted;
    else this.#steps.push({ startMs, count: accepted });
    if (this.#steps.length > STEPS + 1) this.#steps.shift();
  }

  noteFailure(error: unknown, nowMs: number): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#failed = { atMs: nowMs, reason };
  }

  health(nowMs: number, seriesCount: number, pulse: readonly PulseTick[]): IngestHealth {
    return {
      ...this.#judge(nowMs, pulse),
      seriesCount,
      samplesPerSecond: this.#samplesPerSecond(nowMs),
      lastSampleMs: this.#lastSampleMs ?? null,
      pulse,
    };
  }

  #judge(nowMs: number, pulse: readonly PulseTick[]): Pick<IngestHealth, "state" | "reason"> {
    const isRecent = (trouble: Trouble | undefined): trouble is Trouble =>
      trouble !== undefined && nowMs - trouble.atMs < REMEMBERED_MS;
    if (isRecent(this.#failed)) return { state: "failing", reason: this.#failed.reason };
    if (this.#lastSampleMs === undefined) {
      return { state: "waiting", reason: "no sample has come yet" };
    }
    const silentMs = nowMs - this.#lastSampleMs;
    if (silentMs > SILENCE_MS) {
      return { state: "failing", reason: `no sample for ${Math.round(silentMs / 1_000)} s` };
    }
    if (isRecent(this.#refused)) return { state: "lagging", reason: this.#refused.reason };
    const late = pulse.slice(-LATEST_TICKS).filter(({ state }) => state === "late").length;
    if (late > 0) return { state: "lagging", reason: `${late} of the latest scrapes came late` };
    return { state: "healthy", reason: "" };
  }

  /** Over whole steps that have passed; a hub that just started counts what it has. */
  #samplesPerSecond(nowMs: number): number {
    const current = nowMs - (nowMs % STEP_MS);
    const past = this.#steps.filter(
      ({ startMs }) => startMs < current && startMs >= current - STEPS * STEP_MS,
    );
    const [first] = past;
    if (first === undefined) return 0;
    const count = past.reduce((sum, step) => sum + step.count, 0);
    return Math.round((count / (current - first.startMs)) * 1_000 * 10) / 10;
  }
}
