import { type LiveSource, type LiveState, LOADING, withLastPicture } from "@hms-ops/panels";
import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";

/** Watches a live source; with `visible: false` nothing is watched and the last state stays. */
export function useLive<Data>(source: LiveSource<Data>, visible = true): LiveState<Data> {
  const [state] = useLiveList([source], visible);
  return state ?? LOADING;
}

/**
 * Watches several at once, in their order. When a place gets another source of the same subject
 * (a new range, a new width) it keeps the picture of the one before until the new one has its own.
 * What another expression answered is no picture of this one, so it goes at once.
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
  const before = useRef<Shown<Data>>({ sources: [], states: [] });
  const shown = states.map((state, i) => {
    const { sources, states } = before.current;
    const isSame = sources[i]?.subject === stable[i]?.subject;
    return isSame ? withLastPicture(state, states[i]) : state;
  });
  const kept = useStable(shown);
  useEffect(() => {
    before.current = { sources: stable, states: kept };
  }, [stable, kept]);
  return kept;
}

interface Shown<Data> {
  readonly sources: readonly LiveSource<Data>[];
  readonly states: readonly LiveState<Data>[];
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
