import { OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import type { StopSignal } from "../ports.ts";
import { beatEvent, failedEvent, openEvent, pollingEvent } from "./events.ts";
import { type FeedEvent, LiveFeed } from "./feed.ts";
import {
  EVALUATIONS_AT_ONCE,
  FLUSH_MS,
  HEARTBEAT_MS,
  LINGER_MS,
  LIVE_FEEDS_MAX,
  LIVE_QUESTIONS_MAX,
  LIVE_STREAMS_MAX,
  RETRY_MS,
  SETTLE_MS,
} from "./limits.ts";
import type { FeedQuestion, FeedRequest, LiveOptions, ViewerSink } from "./ports.ts";
import { Viewer } from "./viewer.ts";

/**
 * Range queries that go on. All viewers of a question share one feed: each step is evaluated once,
 * encoded once, and the same bytes are written to all of them.
 */
export class LiveQueries {
  readonly #options: LiveOptions;
  /** Of this run of the hub: numbers of another one mean nothing. */
  readonly #run: string;
  readonly #viewers = new Map<string, { readonly viewer: Viewer; readonly end: () => void }>();
  readonly #feeds = new Map<string, LiveFeed>();
  readonly #byId = new Map<number, LiveFeed>();
  readonly #turns: LiveFeed[] = [];
  readonly #stopping = new AbortController();
  /** By step: forgets the next moment at which its feeds are due. */
  readonly #alarms = new Map<number, () => void>();
  #fresh: FeedEvent[] = [];
  #underWay = 0;
  #lastFeed = 0;
  #lastEvent = 0;
  /** Since they were counted. */
  #sentBytes = 0;
  #forgetFlush: (() => void) | undefined;
  #forgetBeat: (() => void) | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#run = options.newStreamId().slice(0, 8);
  }

  /** Refuses before anything is sent. */
  checkRoom(questions: number): void {
    if (this.#viewers.size >= LIVE_STREAMS_MAX) throw this.#full("streams", LIVE_STREAMS_MAX);
    this.#checkQuestions(questions);
  }

  /** Serves one viewer until it goes, is too slow, or the hub stops. */
  async serve(sink: ViewerSink, requests: readonly FeedRequest[], gone: StopSignal): Promise<void> {
    const ended = Promise.withResolvers<void>();
    const viewer = new Viewer(this.#options.newStreamId(), sink);
    this.#viewers.set(viewer.id, { viewer, end: ended.resolve });
    gone.addEventListener("abort", () => ended.resolve(), { once: true });
    if (gone.aborted || this.#stopping.signal.aborted) ended.resolve();
    try {
      const feeds = requests.map(({ question }) => this.#feedOf(question));
      const opened = { stream: viewer.id, heartbeatMs: HEARTBEAT_MS };
      viewer.write(openEvent({ ...opened, feeds: feeds.map(({ id }) => id) }));
      this.#join(viewer, requests);
      this.#beatLater();
      await ended.promise;
    } finally {
      this.#leaveAll(viewer);
      this.#viewers.delete(viewer.id);
      this.#measure();
    }
  }

  /** Answers the feeds of what was added. */
  change(
    streamId: string,
    add: readonly FeedRequest[],
    remove: readonly number[],
  ): readonly number[] {
    const found = this.#viewers.get(streamId);
    if (!found) throw new OpsError(HUB_ERRORS.liveStreamGone, { stream: streamId.slice(0, 64) });
    const { viewer } = found;
    for (const id of remove) {
      const feed = this.#byId.get(id);
      if (feed) this.#leave(viewer, feed);
    }
    this.#checkQuestions(viewer.feeds.size + add.length);
    const feeds = add.map(({ question }) => this.#feedOf(question));
    this.#join(viewer, add);
    return feeds.map(({ id }) => id);
  }

  /** Ends all streams. */
  stop(): void {
    this.#stopping.abort();
    for (const { end } of this.#viewers.values()) end();
    for (const feed of [...this.#feeds.values()]) this.#drop(feed);
    this.#forgetFlush?.();
    this.#forgetBeat?.();
  }

  #checkQuestions(count: number): void {
    if (count > LIVE_QUESTIONS_MAX) throw this.#full("questions", LIVE_QUESTIONS_MAX);
  }

  #full(limit: "streams" | "questions" | "feeds", max: number): OpsError {
    this.#options.metrics.add("hms_ops_live_refused_total", 1, { limit });
    return new OpsError(HUB_ERRORS.liveFull, { limit, max });
  }

  #feedOf(question: FeedQuestion): LiveFeed {
    const { expr, stepMs, spanMs, lookbackMs, shortForms } = question;
    const key = JSON.stringify([expr, stepMs, spanMs, lookbackMs, shortForms]);
    const known = this.#feeds.get(key);
    if (known) return known;
    if (this.#feeds.size >= LIVE_FEEDS_MAX) throw this.#full("feeds", LIVE_FEEDS_MAX);
    const feed = new LiveFeed(++this.#lastFeed, question);
    feed.lonelySinceMs = this.#options.clock.monotonicMs();
    this.#feeds.set(key, feed);
    this.#byId.set(feed.id, feed);
    this.#wakeAt(stepMs);
    return feed;
  }

  #join(viewer: Viewer, requests: readonly FeedRequest[]): void {
    // What waits to be written was made for those who were there.
    this.#flush();
    const missed: FeedEvent[] = [];
    for (const { question, after } of requests) {
      const feed = this.#feedOf(question);
      feed.viewers.add(viewer);
      feed.lonelySinceMs = undefined;
      viewer.add(feed.id);
      const events = feed.since(this.#numberOf(after));
      if (events) missed.push(...events);
      else feed.newcomers.add(viewer);
      this.#ask(feed);
    }
    // Rising, so that the last id that a viewer saw tells all that it has.
    missed.sort((a, b) => a.number - b.number);
    if (missed.length > 0) this.#send(viewer, Buffer.concat(missed.map(({ bytes }) => bytes)));
    this.#measure();
  }

  #numberOf(after: string | undefined): number | undefined {
    const isOurs = after?.startsWith(`${this.#run}-`);
    return after !== undefined && isOurs ? Number(after.slice(this.#run.length + 1)) : undefined;
  }

  #leaveAll(viewer: Viewer): void {
    for (const id of [...viewer.feeds]) {
      const feed = this.#byId.get(id);
      if (feed) this.#leave(viewer, feed);
    }
  }

  #leave(viewer: Viewer, feed: LiveFeed): void {
    viewer.remove(feed.id);
    feed.newcomers.delete(viewer);
    feed.viewers.delete(viewer);
    if (feed.viewers.size === 0) feed.lonelySinceMs ??= this.#options.clock.monotonicMs();
  }

  #drop(feed: LiveFeed): void {
    for (const viewer of feed.viewers) viewer.remove(feed.id);
    feed.viewers.clear();
    feed.forgetRetry?.();
    this.#byId.delete(feed.id);
    for (const [key, other] of this.#feeds) if (other === feed) this.#feeds.delete(key);
    const { stepMs } = feed.question;
    if ([...this.#feeds.values()].some((other) => other.question.stepMs === stepMs)) return;
    this.#alarms.get(stepMs)?.();
    this.#alarms.delete(stepMs);
  }

  /** All feeds of one step are due together, so that their viewers are written to once. */
  #wakeAt(stepMs: number): void {
    if (this.#alarms.has(stepMs)) return;
    const { clock } = this.#options;
    const sinceMs = (clock.now() - SETTLE_MS) % stepMs;
    const forget = clock.after(stepMs - sinceMs, () => {
      this.#alarms.delete(stepMs);
      this.#forgetLonely();
      const feeds = [...this.#feeds.values()].filter(({ question }) => question.stepMs === stepMs);
      for (const feed of feeds) this.#ask(feed);
      if (feeds.length > 0) this.#wakeAt(stepMs);
    });
    this.#alarms.set(stepMs, forget);
  }

  #forgetLonely(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const feed of [...this.#feeds.values()]) {
      if (nowMs - (feed.lonelySinceMs ?? nowMs) >= LINGER_MS) this.#drop(feed);
    }
    this.#measure();
  }

  #ask(feed: LiveFeed): void {
    if (feed.isUnderWay || feed.viewers.size === 0) return;
    if (feed.due(this.#options.clock.now()) === undefined) return;
    feed.isUnderWay = true;
    this.#turns.push(feed);
    this.#nextTurn();
  }

  #nextTurn(): void {
    while (this.#underWay < EVALUATIONS_AT_ONCE) {
      const feed = this.#turns.shift();
      if (feed === undefined) break;
      this.#underWay++;
      void this.#evaluate(feed).then((answered) => {
        this.#underWay--;
        feed.isUnderWay = false;
        // Somebody may have come, or a step may have passed, while it was answered.
        if (answered) this.#ask(feed);
        this.#nextTurn();
        this.#flushWhenIdle();
      });
    }
  }

  /** Never rejects. */
  async #evaluate(feed: LiveFeed): Promise<boolean> {
    const due = feed.due(this.#options.clock.now());
    if (due === undefined || !this.#byId.has(feed.id)) return false;
    const { evaluate, metrics } = this.#options;
    metrics.add("hms_ops_live_evaluations_total", 1, { kind: due.whole ? "whole" : "steps" });
    try {
      const answer = await evaluate(feed.question, due.grid, this.#stopping.signal);
      if (!this.#byId.has(feed.id)) return false;
      const event = feed.take(due, answer, this.#run, ++this.#lastEvent);
      if (due.forNewcomers) this.#flush();
      if (due.forNewcomers) for (const one of feed.newcomers) this.#send(one, event.bytes);
      else this.#publish(event);
      if (due.whole) feed.newcomers.clear();
      return true;
    } catch (error) {
      this.#fail(feed, error);
      return false;
    }
  }

  /** Steps that failed are asked for again with the next one. */
  #fail(feed: LiveFeed, error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    const known = error instanceof OpsError ? error : undefined;
    const reason = error instanceof Error ? error.message : String(error);
    const { code, message, mend } = known ?? new OpsError(HUB_ERRORS.internal, { reason });
    const final = known?.status === 400;
    const bytes = failedEvent({ feed: feed.id, code, message, mend, final });
    for (const viewer of [...feed.viewers]) this.#send(viewer, bytes);
    if (final) this.#drop(feed);
    else this.#askAgain(feed);
  }

  #askAgain(feed: LiveFeed): void {
    if (feed.question.stepMs <= RETRY_MS) return;
    feed.forgetRetry ??= this.#options.clock.after(RETRY_MS, () => {
      feed.forgetRetry = undefined;
      this.#ask(feed);
    });
  }

  #publish(event: FeedEvent): void {
    this.#fresh.push(event);
    this.#forgetFlush ??= this.#options.clock.after(FLUSH_MS, () => this.#flush());
  }

  #flushWhenIdle(): void {
    if (this.#underWay === 0 && this.#turns.length === 0) this.#flush();
  }

  /** One write a viewer; viewers of the same feeds share the bytes. */
  #flush(): void {
    this.#forgetFlush?.();
    this.#forgetFlush = undefined;
    const fresh = this.#fresh;
    if (fresh.length === 0) return;
    this.#fresh = [];
    const joined = new Map<string, Buffer>();
    for (const { viewer } of [...this.#viewers.values()]) {
      let bytes = joined.get(viewer.signature);
      if (bytes === undefined) {
        const own = fresh.filter(({ feed }) => viewer.feeds.has(feed.id));
        bytes = own.length === 1 && own[0] ? own[0].bytes : Buffer.concat(own.map((e) => e.bytes));
        joined.set(viewer.signature, bytes);
      }
      if (bytes.length > 0) this.#send(viewer, bytes);
    }
  }

  #send(viewer: Viewer, bytes: Buffer): void {
    if (!viewer.isSlow) {
      viewer.write(bytes);
      this.#sentBytes += bytes.length;
      return;
    }
    const { metrics } = this.#options;
    metrics.add("hms_ops_live_slow_total");
    viewer.write(pollingEvent({ reason: "the stream is not read as fast as it is written" }));
    this.#viewers.get(viewer.id)?.end();
    this.#leaveAll(viewer);
  }

  #beatLater(): void {
    this.#forgetBeat ??= this.#options.clock.after(HEARTBEAT_MS, () => {
      this.#forgetBeat = undefined;
      if (this.#viewers.size === 0) return;
      const bytes = beatEvent(this.#options.clock.now());
      for (const { viewer } of [...this.#viewers.values()]) this.#send(viewer, bytes);
      this.#beatLater();
    });
  }

  #measure(): void {
    const { metrics } = this.#options;
    metrics.add("hms_ops_live_sent_bytes_total", this.#sentBytes);
    this.#sentBytes = 0;
    metrics.set("hms_ops_live_streams", this.#viewers.size);
    metrics.set("hms_ops_live_feeds", this.#feeds.size);
  }
}
