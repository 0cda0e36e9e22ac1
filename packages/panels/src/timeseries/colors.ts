/** Reads what a CSS colour expression means here and now, as canvas takes it. */
export interface ColorReader {
  /** `read("s1")`, `read("s1", 8)` for 8 %. */
  read(token: string, percent?: number): string;
  /** Forgets what was read: the theme has changed. */
  renew(): void;
  destroy(): void;
}

/**
 * Canvas knows no custom properties, so a hidden probe wears each token as its `color` and says
 * what that computes to, in the theme that holds at its place in the document.
 */
export function colorReader(host: HTMLElement): ColorReader {
  const probe = host.ownerDocument.createElement("span");
  probe.hidden = true;
  host.append(probe);
  const known = new Map<string, string>();
  const view = host.ownerDocument.defaultView;
  return {
    read(token, percent = 100) {
      const key = `${token} ${percent}`;
      let color = known.get(key);
      if (color === undefined) {
        probe.style.color =
          percent === 100
            ? `var(--${token})`
            : `color-mix(in srgb, var(--${token}) ${percent}%, transparent)`;
        color = view?.getComputedStyle(probe).color || "currentColor";
        known.set(key, color);
      }
      return color;
    },
    renew() {
      known.clear();
    },
    destroy() {
      probe.remove();
    },
  };
}

const THEME_QUERIES = [
  "(prefers-color-scheme: dark)",
  "(prefers-contrast: more)",
  "(forced-colors: active)",
];

/** Calls after the page's theme or the system's has changed. The returned function ends it. */
export function watchTheme(document: Document, listener: () => void): () => void {
  const view = document.defaultView;
  if (!view) return () => undefined;
  const observer = new view.MutationObserver(listener);
  observer.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["data-theme", "class", "style"],
  });
  const queries = THEME_QUERIES.map((query) => view.matchMedia(query));
  for (const query of queries) query.addEventListener("change", listener);
  return () => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener("change", listener);
  };
}
