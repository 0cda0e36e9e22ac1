import type { PageCacheFigures } from "@hms-ops/stores/tsdb";
import type { SelfMetrics } from "../ports.ts";
import type { ReaderCalls } from "./calls.ts";
import type { Thread } from "./thread.ts";

/**
 * What the page caches of the reader threads tell. A thread answers when its query is done, so
 * nobody waits for it: its figures come with the next look.
 */
export class PageCacheMeter {
  readonly #metrics: SelfMetrics;
  readonly #asked = new Map<string, Thread<ReaderCalls>>();
  readonly #told = new Set<string>();

  constructor(metrics: SelfMetrics) {
    this.#metrics = metrics;
  }

  /** `main`: where main reads, too. */
  measure(running: readonly Thread<ReaderCalls>[], main: PageCacheFigures | undefined): void {
    const names = new Set(running.map(({ name }) => name));
    if (main) {
      names.add("main");
      this.#tell("main", main);
    }
    for (const thread of this.#told) {
      if (names.has(thread)) continue;
      this.#told.delete(thread);
      this.#metrics.set("hms_ops_store_page_cache_bytes", 0, { thread });
    }
    for (const thread of running) {
      if (this.#asked.get(thread.name) !== thread) void this.#ask(thread);
    }
  }

  async #ask(reader: Thread<ReaderCalls>): Promise<void> {
    const { name: thread } = reader;
    this.#asked.set(thread, reader);
    const pages = await reader.call("pageCache", []).catch(() => undefined);
    if (this.#asked.get(thread) === reader) this.#asked.delete(thread);
    if (pages) this.#tell(thread, pages);
  }

  #tell(thread: string, pages: PageCacheFigures): void {
    this.#told.add(thread);
    this.#metrics.set("hms_ops_store_page_cache_bytes", pages.sizeBytes, { thread });
    this.#metrics.set("hms_ops_store_page_cache_hits_total", pages.hits, { thread });
    this.#metrics.set("hms_ops_store_page_cache_misses_total", pages.misses, { thread });
  }
}
