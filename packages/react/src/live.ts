import { type LiveSource, type LiveState, LOADING, withLastPicture } from "@hms-ops/panels";
import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";

/** Watches a live source; with `visible: false` nothing is watched and the last state stays. */
export function useLive<Data>(source: LiveSource<Data>, visible = true): LiveState<Data> {
  const [state] = useLiveList([source], visible);
  return state ?? LOADING;
}

/**
 * Watches several at once, in their order. When a place gets another source (a new range, a new
 * width) it keeps the picture of the one before until the new one has its own.
 */
export function useLiveList<Data>(
  sources: readonly LiveSource<Data>[],
  visible: boolean,
): readonly LiveState<Data>[] {
  const stable = useStable(sources);
  const subscribe = useCallback(
    (listener: () => void) => {
      if (!visible) return () => undefined;
      const ends = stable.map((source) => source.subscribe(listener));
      return () => {
        for (const end of ends) end();
      };
    },
    [stable, visible],
  );
  const seen = useRef<readonly LiveState<Data>[]>([]);
  const states = useSyncExternalStore(subscribe, () => {
    const now = stable.map((source) => source.state());
    if (!sameItems(now, seen.current)) seen.current = now;
    return seen.current;
  });
  const before = useRef<readonly LiveState<Data>[]>([]);
  const shown = states.map((state, i) => withLastPicture(state, before.current[i]));
  const kept = useStable(shown);
  useEffect(() => {
    before.current = kept;
  }, [kept]);
  return kept;
}

/** The same array as long as its items are the same. */
function useStable<Item>(items: readonly Item[]): readonly Item[] {
  const last = useRef(items);
  if (!sameItems(last.current, items)) last.current = items;
  return last.current;
}

function sameItems<Item>(a: readonly Item[], b: readonly Item[]): boolean {
  return a.length === b.length && a.every((item, i) => Object.is(item, b[i]));
}
