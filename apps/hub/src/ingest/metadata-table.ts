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
    if (known && isSame(known, metadata)) return;
    const kept = {
      type: metadata.type,
      help: metadata.help.slice(0, METADATA_TEXT_MAX),
      unit: metadata.unit.slice(0, METADATA_TEXT_MAX),
    };
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
