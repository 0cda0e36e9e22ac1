/** Where the page's state lives; a router hands in its own. */
export interface PageAddress {
  /** `?from=now-1h&to=now` or empty. */
  search(): string;
  /** Goes there on the same path; `replace` leaves no step in the history. */
  go(search: string, how: "push" | "replace"): void;
  /** The listener is called after each change. The returned function ends it. */
  subscribe(listener: () => void): () => void;
}

/** The address bar of a window, for pages without a router of their own. */
export function browserAddress(view: Window): PageAddress {
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  view.addEventListener("popstate", tell);
  return {
    search: () => view.location.search,
    go(search, how) {
      const url = `${view.location.pathname}${search}${view.location.hash}`;
      if (how === "push") view.history.pushState(null, "", url);
      else view.history.replaceState(null, "", url);
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
