import { type Clock, OpsError } from "@hms-ops/model";
import {
  LIVE_PATH,
  LIVE_STREAM_PATH,
  type LiveAddition,
  type LiveChangeAnswer,
  type LiveFailure,
  type LiveOpened,
  type LiveQuestion,
  type LiveSteps,
} from "@hms-ops/wire/api";
import { readQueryResponse } from "@hms-ops/wire/prometheus-api";
import { CLIENT_ERRORS } from "../errors.ts";
import { LIVE_FIRST_RETRY_MS, LIVE_IDLE_MS, LIVE_LAST_RETRY_MS } from "../limits.ts";
import { EventLines, type StreamEvent } from "./event-lines.ts";
import type { QueryReply } from "./prometheus-answers.ts";
import type { HubTransport } from "./transport.ts";

/** The answer at some steps; it stands in the place of what came of them before. */
export interface LiveReply extends Omit<LiveSteps, "feed" | "answer"> {
  readonly reply: QueryReply;
}

export interface LiveListener {
  steps(reply: LiveReply): void;
  /** The last step could not be answered; later ones may. */
  failed(error: OpsError): void;
  /** Nothing comes any more, until `steps` is called again: ask from time to time. */
  lost(): void;
}

interface Watched {
  readonly question: LiveQuestion;
  readonly listeners: Set<LiveListener>;
  feed: number | undefined;
  /** Id of the last event. */
  after: string | undefined;
}

/** A stream is over when nothing, not even a beat, came for so many beats. */
const SILENT_BEATS = 3;
/** In the place of a feed that the hub refused: it is asked for again with the next stream. */
const REFUSED = -1;

/**
 * Live queries over one event stream, opened when the first is watched and closed when none is. It
 * comes back by itself after a break, and goes on where it was.
 */
export class LiveStream {
  readonly #transport: HubTransport;
  readonly #clock: Clock;
  readonly #watched = new Map<string, Watched>();
  readonly #removed = new Set<number>();
  #connection: AbortController | undefined;
  #stream: string | undefined;
  #retryMs = LIVE_FIRST_RETRY_MS;
  #silenceMs = 0;
  #forgetRetry: (() => void) | undefined;
  #forgetChange: (() => void) | undefined;
  #forgetSilence: (() => void) | undefined;
  #changing = false;
  /** Of feeds that the hub has not named yet. */
  #early: StreamEvent[] = [];

  constructor(transport: HubTransport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** The returned function ends it. */
  watch(question: LiveQuestion, listener: LiveListener): () => void {
    const { expr, stepMs, spanMs, lookbackMs, shortForms } = question;
    const key = JSON.stringify([expr, stepMs, spanMs, lookbackMs, shortForms]);
    const known = this.#watched.get(key);
    const watched = known ?? { question, listeners: new Set(), feed: undefined, after: undefined };
    this.#watched.set(key, watched);
    // A newcomer needs the whole answer, which those who are there have had.
    if (known) this.#askAgain(known);
    watched.listeners.add(listener);
    this.#changeSoon();
    // Those who were there when the stream ended have been told; this one would wait for its return.
    if (this.#forgetRetry) {
      this.#clock.after(0, () => {
        if (watched.listeners.has(listener)) listener.lost();
      });
    }
    return () => {
      if (!watched.listeners.delete(listener) || watched.listeners.size > 0) return;
      this.#watched.delete(key);
      this.#remove(watched);
      this.#changeSoon();
    };
  }

  close(): void {
    this.#watched.clear();
    this.#disconnect();
  }

  #askAgain(watched: Watched): void {
    this.#remove(watched);
    watched.feed = undefined;
    watched.after = undefined;
  }

  #remove({ feed }: Watched): void {
    if (feed !== undefined && feed !== REFUSED) this.#removed.add(feed);
  }

  /** What a page asks in one turn goes in one call. */
  #changeSoon(): void {
    const waitMs = this.#watched.size === 0 ? LIVE_IDLE_MS : 0;
    this.#forgetChange?.();
    this.#forgetChange = this.#clock.after(waitMs, () => {
      this.#forgetChange = undefined;
      if (this.#watched.size === 0) this.#disconnect();
      else if (this.#stream !== undefined) void this.#change(this.#stream);
      else if (!this.#connection && !this.#forgetRetry) void this.#connect();
    });
  }

  #disconnect(): void {
    this.#forgetRetry?.();
    this.#forgetRetry = undefined;
    this.#forgetChange?.();
    this.#forgetChange = undefined;
    this.#connection?.abort();
    this.#ended();
  }

  #ended(): void {
    this.#forgetSilence?.();
    this.#connection = undefined;
    this.#stream = undefined;
    this.#early = [];
    this.#removed.clear();
    for (const watched of this.#watched.values()) watched.feed = undefined;
  }

  async #connect(): Promise<void> {
    const connection = new AbortController();
    this.#connection = connection;
    let waitMs = this.#retryMs;
    try {
      const lines = new EventLines();
      const body = this.#transport.bytes({ method: "GET", path: LIVE_PATH }, connection.signal);
      for await (const bytes of body) {
        for (const event of lines.take(bytes)) {
          if (event.name === "polling") waitMs = LIVE_LAST_RETRY_MS;
          this.#take(event, connection);
        }
      }
    } catch {
      // However it ended, its listeners ask by themselves until it is back.
    }
    if (this.#connection !== connection) return;
    this.#ended();
    for (const { listeners } of this.#watched.values()) for (const one of listeners) one.lost();
    if (this.#watched.size === 0) return;
    this.#retryMs = Math.min(this.#retryMs * 2, LIVE_LAST_RETRY_MS);
    this.#forgetRetry = this.#clock.after(waitMs, () => {
      this.#forgetRetry = undefined;
      if (this.#watched.size > 0) void this.#connect();
    });
  }

  #take(event: StreamEvent, connection: AbortController): void {
    if (event.name === "open") {
      const { stream, heartbeatMs } = JSON.parse(event.data) as LiveOpened;
      this.#stream = stream;
      this.#silenceMs = SILENT_BEATS * heartbeatMs;
      this.#listenForSilence(connection);
      void this.#change(stream);
    } else if (event.name === "beat") {
      this.#retryMs = LIVE_FIRST_RETRY_MS;
      this.#listenForSilence(connection);
    } else if (event.name === "steps" || event.name === "failed") {
      this.#deliver(event);
    }
  }

  #listenForSilence(connection: AbortController): void {
    this.#forgetSilence?.();
    this.#forgetSilence = this.#clock.after(this.#silenceMs, () => connection.abort());
  }

  #deliver(event: StreamEvent): void {
    const data = JSON.parse(event.data) as LiveSteps | LiveFailure;
    const watched = [...this.#watched.values()].find(({ feed }) => feed === data.feed);
    if (!watched) {
      if (this.#changing) this.#early.push(event);
      return;
    }
    if ("code" in data) {
      for (const one of watched.listeners) one.failed(failureOf(data));
      if (data.final) for (const one of watched.listeners) one.lost();
      return;
    }
    const { feed: _, answer, ...place } = data;
    const response = readQueryResponse(answer);
    if (response.status === "error") return;
    watched.after = event.id;
    const { value, warnings, infos } = response;
    const reply = { value, warnings, infos };
    for (const one of watched.listeners) one.steps({ ...place, reply });
  }

  /** Tells the hub what is watched now and what no longer. One call at a time. */
  async #change(stream: string): Promise<void> {
    if (this.#changing) return;
    const remove = [...this.#removed];
    const wanted = [...this.#watched.values()].filter(({ feed }) => feed === undefined);
    if (remove.length === 0 && wanted.length === 0) return;
    this.#changing = true;
    this.#removed.clear();
    const add: readonly LiveAddition[] = wanted.map(({ question, after }) => ({
      ...question,
      ...(after !== undefined && { after }),
    }));
    const path = LIVE_STREAM_PATH.replace(":stream", stream);
    try {
      const json = { add, remove };
      const answer = await this.#transport.json({ method: "POST", path, json });
      if (stream !== this.#stream) return;
      const { feeds } = answer as LiveChangeAnswer;
      for (const [i, watched] of wanted.entries()) {
        watched.feed = feeds[i];
        // Nobody waited for the answer.
        if (watched.listeners.size === 0) this.#remove(watched);
      }
    } catch {
      for (const { listeners } of wanted) for (const one of listeners) one.lost();
      for (const watched of wanted) watched.feed = REFUSED;
    } finally {
      this.#changing = false;
      for (const event of this.#early.splice(0)) this.#deliver(event);
    }
    if (this.#stream === stream) await this.#change(stream);
  }
}

function failureOf({ code, message, mend }: LiveFailure): OpsError {
  const row = CLIENT_ERRORS.hubRefused;
  const known = /^OPS-\d+$/.test(code) ? (code as `OPS-${number}`) : row.code;
  return new OpsError({ ...row, code: known }, { error: message, mend });
}
