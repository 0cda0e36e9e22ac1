import type { Clock, TimestampMs } from "../time.ts";

interface Call {
  readonly dueMs: number;
  readonly order: number;
  readonly call: () => void;
}

/** A clock that stands until a test moves it; due calls run in order of time, then of asking. */
export class FakeClock implements Clock {
  #nowMs: TimestampMs;
  #order = 0;
  #calls: Call[] = [];

  constructor(startMs: TimestampMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  now(): TimestampMs {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, call: () => void): () => void {
    const entry: Call = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, call };
    this.#calls.push(entry);
    return () => {
      this.#calls = this.#calls.filter((other) => other !== entry);
    };
  }

  /** Moves time on, running what falls due, and lets promises settle between the calls. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    await settle();
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) {
      this.#calls = this.#calls.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.call();
      await settle();
    }
    this.#nowMs = endMs;
  }

  #next(endMs: number): Call | undefined {
    return this.#calls
      .filter((entry) => entry.dueMs <= endMs)
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
