import type { HubAnswer, LiveState } from "@hms-ops/panels";
import { useHub, useTimeRange } from "@hms-ops/react";
import { useMemo, useRef, useSyncExternalStore } from "react";

/** As many instant answers as there are expressions, in their order; asked while in sight. */
export function useInstants(
  exprs: readonly string[],
  visible: boolean,
): readonly LiveState<HubAnswer>[] {
  const live = useHub();
  const { refreshMs } = useTimeRange();
  const key = JSON.stringify(exprs);
  const sources = useMemo(
    () => (JSON.parse(key) as string[]).map((expr) => live.instant({ expr, refreshMs })),
    [live, refreshMs, key],
  );
  const last = useRef<readonly LiveState<HubAnswer>[]>([]);
  const subscribe = useMemo(
    () => (listener: () => void) => {
      const ends = visible ? sources.map((source) => source.subscribe(listener)) : [];
      return () => {
        for (const end of ends) end();
      };
    },
    [sources, visible],
  );
  return useSyncExternalStore(subscribe, () => {
    const now = sources.map((source) => source.state());
    const same =
      now.length === last.current.length && now.every((state, i) => state === last.current[i]);
    if (!same) last.current = now;
    return last.current;
  });
}
