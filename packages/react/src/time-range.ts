import { type PageTime, readPageTime, writePageTime } from "@hms-ops/panels";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useHub, useHubContext } from "./hub-provider.tsx";

/** Time range, refresh and zone of the page; they live in the URL. */
export interface TimeRangeControl extends PageTime {
  /** Leaves a step in the history, so that Back undoes a zoom. */
  set(change: Partial<PageTime>): void;
}

/** `defaults` stand where the URL says nothing: a board's own range. */
export function useTimeRange(defaults?: Partial<PageTime>): TimeRangeControl {
  const { address } = useHubContext();
  const search = useSyncExternalStore(
    useCallback((listener) => address.subscribe(listener), [address]),
    () => address.search(),
  );
  const set = useCallback(
    (change: Partial<PageTime>) => {
      address.go(writePageTime(address.search(), change), "push");
    },
    [address],
  );
  const key = JSON.stringify(defaults ?? {});
  return useMemo(
    () => ({ ...readPageTime(search, JSON.parse(key) as Partial<PageTime>), set }),
    [search, key, set],
  );
}

/** Now, again every `everyMs`: for clocks and "3 s ago". */
export function useNow(everyMs = 1_000): number {
  const { clock } = useHub();
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    let stop: () => void = () => undefined;
    const tick = () => {
      setNow(clock.now());
      // On the beat of the wall clock, so that all clocks of a page turn together.
      stop = clock.after(everyMs - (clock.now() % everyMs), tick);
    };
    stop = clock.after(everyMs - (clock.now() % everyMs), tick);
    return () => stop();
  }, [clock, everyMs]);
  return now;
}
