/**
 * Small durable records by collection and id: alert state, silences, notifications, boards.
 * Values are JSON. Every call settles only when the change survives a power cut.
 */
export interface DocumentStore {
  get(collection: string, id: string): Promise<unknown>;
  /** Sorted by id. */
  list(collection: string): Promise<readonly Document[]>;
  /** All writes or none. */
  write(writes: readonly DocumentWrite[]): Promise<void>;
  close(): Promise<void>;
}

export interface Document {
  readonly id: string;
  readonly value: unknown;
}

/** A write without a value deletes. */
export interface DocumentWrite {
  readonly collection: string;
  readonly id: string;
  readonly value?: unknown;
}
