import { VIEWER_WAITING_BYTES_MAX } from "./limits.ts";
import type { ViewerSink } from "./ports.ts";

/** One stream, and the feeds that it carries. */
export class Viewer {
  readonly id: string;
  readonly #sink: ViewerSink;
  readonly #feeds = new Set<number>();
  #signature = "";

  constructor(id: string, sink: ViewerSink) {
    this.id = id;
    this.#sink = sink;
  }

  /** By id. */
  get feeds(): ReadonlySet<number> {
    return this.#feeds;
  }

  /** Alike for viewers of the same feeds, which can be sent the same bytes. */
  get signature(): string {
    return this.#signature;
  }

  /** Does not take what it was sent. */
  get isSlow(): boolean {
    return this.#sink.waitingBytes > VIEWER_WAITING_BYTES_MAX;
  }

  add(feed: number): void {
    this.#feeds.add(feed);
    this.#sign();
  }

  remove(feed: number): void {
    this.#feeds.delete(feed);
    this.#sign();
  }

  write(bytes: Uint8Array): void {
    this.#sink.write(bytes);
  }

  #sign(): void {
    this.#signature = [...this.#feeds].sort((a, b) => a - b).join();
  }
}
