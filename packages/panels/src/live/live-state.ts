import type { TimestampMs } from "@hms-ops/model";

/**
 * `loading`: nothing was ever answered. `ready`: the last answer is whole. `empty`: the hub
 * answered, and there is nothing. `error`: the last question failed; `data` is the picture from
 * before it, if there was one.
 */
export type LiveStatus = "loading" | "ready" | "empty" | "error";

export interface LiveState<Data> {
  readonly status: LiveStatus;
  readonly data: Data | undefined;
  readonly error: LiveError | undefined;
  /** When `data` was answered. */
  readonly lastSuccessMs: TimestampMs | undefined;
  /** A question is on its way: the 2 px line runs along the tab. */
  readonly fetching: boolean;
}

export interface LiveError {
  /** `OPS-1203`; empty when the failure carries none (the hub is not reachable). */
  readonly code: string;
  readonly message: string;
  readonly mend: string;
}

/** Something that changes and can be watched; what `useSyncExternalStore` asks for. */
export interface LiveSource<Data> {
  /** What is asked, whatever range and width: only a picture of the same subject may stand in. */
  readonly subject: string;
  /** The listener is called after each change. The returned function ends it. */
  subscribe(listener: () => void): () => void;
  /** The same object until the next change. */
  state(): LiveState<Data>;
  /** Asks now, whatever the interval says. */
  refresh(): void;
}

export const LOADING: LiveState<never> = {
  status: "loading",
  data: undefined,
  error: undefined,
  lastSuccessMs: undefined,
  fetching: false,
};

/**
 * A new question of the same subject (another range, another width) shows the picture of the one before it until its
 * own is there.
 */
export function withLastPicture<Data>(
  state: LiveState<Data>,
  before: LiveState<Data> | undefined,
): LiveState<Data> {
  if (!before || before.data === undefined || state.data !== undefined) return state;
  const { data, lastSuccessMs } = before;
  if (state.status === "loading") return { ...before, fetching: true, error: undefined };
  return state.status === "error" ? { ...state, data, lastSuccessMs } : state;
}
