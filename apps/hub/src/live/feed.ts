import type { StepGrid } from "@hms-ops/model";
import { stepsEvent } from "./events.ts";
import { FEED_LOG_BYTES_MAX, SETTLE_MS, STEPS_AGAIN } from "./limits.ts";
import type { FeedQuestion } from "./ports.ts";
import type { Viewer } from "./viewer.ts";

/** One event with an answer, as all viewers get it. */
export interface FeedEvent {
  readonly feed: LiveFeed;
  readonly number: number;
  readonly bytes: Buffer;
}

/** The part of a question that is due. */
export interface DueSteps {
  readonly grid: StepGrid;
  readonly whole: boolean;
  /** Only those who have nothing yet need it. */
  readonly forNewcomers: boolean;
}

/** One question of all viewers that ask it: what was answered, and what is due. */
export class LiveFeed {
  readonly id: number;
  readonly question: FeedQuestion;
  readonly viewers = new Set<Viewer>();
  /** They have no whole answer yet. */
  readonly newcomers = new Set<Viewer>();
  lonelySinceMs: number | undefined;
  /** Waits for its turn, or is being evaluated. Without viewers it rests. */
  isUnderWay = false;
  /** Forgets that it is asked again before its next step. */
  forgetRetry: (() => void) | undefined;
  /** A whole answer and all events after it, or nothing. */
  #log: FeedEvent[] = [];
  #logBytes = 0;
  #answeredToMs: number | undefined;

  constructor(id: number, question: FeedQuestion) {
    this.id = id;
    this.question = question;
  }

  /** Undefined while nothing is due. */
  due(nowMs: number): DueSteps | undefined {
    const { stepMs, spanMs } = this.question;
    const lastMs = Math.floor((nowMs - SETTLE_MS) / stepMs) * stepMs;
    const answeredMs = this.#answeredToMs;
    const oldestMs = lastMs - Math.floor(spanMs / stepMs) * stepMs;
    if (answeredMs === undefined || answeredMs < oldestMs) {
      return { grid: gridOf(oldestMs, lastMs, stepMs), whole: true, forNewcomers: false };
    }
    // Those who have a whole answer must not miss a step: for the others it ends where theirs does.
    if (this.newcomers.size > 0) {
      const fromMs = answeredMs - Math.floor(spanMs / stepMs) * stepMs;
      return { grid: gridOf(fromMs, answeredMs, stepMs), whole: true, forNewcomers: true };
    }
    if (lastMs <= answeredMs) return undefined;
    const fromMs = Math.max(oldestMs, answeredMs - (STEPS_AGAIN - 1) * stepMs);
    return { grid: gridOf(fromMs, lastMs, stepMs), whole: false, forNewcomers: false };
  }

  /** Encodes an answer, once for all. */
  take({ grid, whole }: DueSteps, answer: Uint8Array, run: string, number: number): FeedEvent {
    const toMs = grid.startMs + (grid.count - 1) * grid.stepMs;
    const { id: feed } = this;
    const place = { feed, fromMs: grid.startMs, toMs, stepMs: grid.stepMs, whole };
    const bytes = stepsEvent(`${run}-${number}`, place, answer);
    const event = { feed: this, number, bytes };
    this.#answeredToMs = toMs;
    if (whole) {
      this.#log = [event];
      this.#logBytes = 0;
      return event;
    }
    this.#logBytes += bytes.length;
    if (this.#log.length > 0) this.#log.push(event);
    if (this.#logBytes > FEED_LOG_BYTES_MAX) this.#log = [];
    return event;
  }

  /**
   * What a viewer lacks that has all events up to a number; undefined: a fresh whole answer must be
   * made.
   */
  since(number: number | undefined): readonly FeedEvent[] | undefined {
    const [first] = this.#log;
    if (first === undefined) return undefined;
    if (number === undefined || number < first.number) return this.#log;
    return this.#log.filter((event) => event.number > number);
  }
}

function gridOf(fromMs: number, toMs: number, stepMs: number): StepGrid {
  return { startMs: fromMs, stepMs, count: Math.round((toMs - fromMs) / stepMs) + 1 };
}
