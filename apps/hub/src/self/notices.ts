import type { Clock } from "@hms-ops/model";
import { MAX_NOTICE_LISTENERS, MAX_NOTICE_WAITING_BYTES, NOTICE_LOOK_MS } from "../limits.ts";
import type { BodySink, StopSignal } from "../ports.ts";

/** A state of the hub that somebody should look at. */
export interface Notice {
  readonly text: string;
  /** Since when it is known. */
  readonly sinceMs: number;
}

/** Texts that hold now. One that rejects cannot tell: what it said before stands. */
export type NoticeSource = () => Promise<readonly string[]> | readonly string[];

interface Listener {
  readonly sink: BodySink;
  readonly end: () => void;
  /** Was told what holds: from now on it hears of changes. */
  isTold: boolean;
}

/** Between events, so that proxies keep a silent connection; a comment to those who listen. */
const BEAT = Buffer.from(":\n\n");

/** What holds of the hub now, asked of those who know, and told to those who listen. */
export class Notices {
  readonly #clock: Clock;
  readonly #sources: readonly { readonly texts: NoticeSource; last: readonly string[] }[];
  readonly #listeners = new Set<Listener>();
  /** By text. */
  #known = new Map<string, Notice>();
  /** Looks wait here for each other: one that is under way may have missed what just changed. */
  #line: Promise<void> = Promise.resolve();
  #forgetLook: (() => void) | undefined;
  #isStopped = false;

  constructor(clock: Clock, sources: readonly NoticeSource[]) {
    this.#clock = clock;
    this.#sources = sources.map((texts) => ({ texts, last: [] }));
  }

  /** Oldest first. */
  async list(): Promise<readonly Notice[]> {
    await this.look();
    return [...this.#known.values()];
  }

  /** To be called when something may have changed; those who listen hear of it. */
  look(): Promise<void> {
    this.#line = this.#line.then(() => this.#ask());
    return this.#line;
  }

  get hasRoom(): boolean {
    return this.#listeners.size < MAX_NOTICE_LISTENERS && !this.#isStopped;
  }

  /** Writes server-sent events: what holds, then what changes, until the caller or the hub goes. */
  async serve(sink: BodySink, gone: StopSignal): Promise<void> {
    const ended = Promise.withResolvers<void>();
    const listener: Listener = { sink, end: ended.resolve, isTold: false };
    this.#listeners.add(listener);
    gone.addEventListener("abort", listener.end, { once: true });
    if (gone.aborted || this.#isStopped) listener.end();
    try {
      for (const notice of await this.list()) sink.write(eventOf(notice, true));
      listener.isTold = true;
      this.#lookLater();
      await ended.promise;
    } finally {
      this.#listeners.delete(listener);
    }
  }

  /** Ends all streams. */
  stop(): void {
    this.#isStopped = true;
    this.#forgetLook?.();
    for (const { end } of this.#listeners) end();
  }

  async #ask(): Promise<void> {
    for (const source of this.#sources) {
      try {
        source.last = await source.texts();
      } catch {
        // A thread that starts again says nothing new.
      }
    }
    const before = this.#known;
    const texts = new Set(this.#sources.flatMap(({ last }) => last));
    const sinceMs = this.#clock.now();
    const after = [...texts].map((text) => before.get(text) ?? { text, sinceMs });
    this.#known = new Map(after.map((notice) => [notice.text, notice]));
    for (const notice of after) if (!before.has(notice.text)) this.#tell(eventOf(notice, true));
    for (const notice of before.values()) {
      if (!texts.has(notice.text)) this.#tell(eventOf(notice, false));
    }
  }

  #lookLater(): void {
    if (this.#isStopped) return;
    this.#forgetLook ??= this.#clock.after(NOTICE_LOOK_MS, () => {
      this.#forgetLook = undefined;
      if (this.#listeners.size === 0) return;
      this.#tell(BEAT);
      void this.look().finally(() => this.#lookLater());
    });
  }

  #tell(event: Uint8Array): void {
    for (const { sink, end, isTold } of this.#listeners) {
      if (sink.waitingBytes > MAX_NOTICE_WAITING_BYTES) end();
      else if (isTold) sink.write(event);
    }
  }
}

/** As Prometheus writes one. */
export function noticeView({ text, sinceMs }: Notice, active: boolean) {
  return { text, date: new Date(sinceMs).toISOString(), active };
}

function eventOf(notice: Notice, active: boolean): Buffer {
  return Buffer.from(`data: ${JSON.stringify(noticeView(notice, active))}\n\n`);
}
