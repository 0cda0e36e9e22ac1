import type { MetricMetadata } from "@hms-ops/model";
import { METADATA_FAMILIES_MAX, METADATA_TEXT_MAX } from "./limits.ts";

/** What senders said of their metrics, by family name; the latest word counts. */
export class MetadataTable {
  readonly #families = new Map<string, MetricMetadata>();
  #changed = new Map<string, MetricMetadata>();

  /** What is new since the last call. */
  takeChanges(): ReadonlyMap<string, MetricMetadata> {
    const changed = this.#changed;
    if (changed.size > 0) this.#changed = new Map();
    return changed;
  }

  set(family: string, metadata: MetricMetadata): void {
    const known = this.#families.get(family);
    if (known === undefined && this.#families.size >= METADATA_FAMILIES_MAX) return;
    const kept = { type: metadata.type, help: cut(metadata.help), unit: cut(metadata.unit) };
    if (known && isSame(known, kept)) return;
    this.#families.set(family, kept);
    this.#changed.set(family, kept);
  }

  all(): ReadonlyMap<string, MetricMetadata> {
    return this.#families;
  }
}

function isSame(a: MetricMetadata, b: MetricMetadata): boolean {
  return a.type === b.type && a.help === b.help && a.unit === b.unit;
}

/** A long text is copied: a part of it would keep the whole in memory. */
function cut(text: string): string {
  if (text.length <= METADATA_TEXT_MAX) return text;
  return Buffer.from(text.slice(0, METADATA_TEXT_MAX).toWellFormed()).toString();
}
