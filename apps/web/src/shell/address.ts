import { createContext, useCallback, useContext, useMemo, useSyncExternalStore } from "react";
import { changeSearch, type Route, type Router, readRoute } from "../router.ts";

export const RouterContext = createContext<Router | undefined>(undefined);

export function useRouter(): Router {
  const router = useContext(RouterContext);
  if (!router) throw new Error("bug: a page stands outside its router");
  return router;
}

export function useRoute(): Route {
  const router = useRouter();
  const address = useSyncExternalStore(router.subscribe, router.address);
  return useMemo(() => {
    const url = new URL(address, "http://page/");
    return readRoute(url.pathname, url.hash);
  }, [address]);
}

export interface PageSearch {
  readonly values: URLSearchParams;
  /** Undefined takes a name away. `replace` (typing) leaves no step in the history. */
  change(
    change: Readonly<Record<string, string | readonly string[] | undefined>>,
    how?: "push" | "replace",
  ): void;
}

/** The part of the page's state that is in its address. */
export function useSearch(): PageSearch {
  const router = useRouter();
  const search = useSyncExternalStore(router.subscribe, router.search);
  const values = useMemo(() => new URLSearchParams(search), [search]);
  const change = useCallback<PageSearch["change"]>(
    (next, how = "push") => router.go(changeSearch(router.search(), next), how),
    [router],
  );
  return { values, change };
}
