import type { PageAddress } from "@hms-ops/panels";

/** Pages of a Prometheus, and which of ours shows what they do. */
const PROMETHEUS_PAGES: Readonly<Record<string, string>> = {
  graph: "/explore",
  targets: "/",
  "service-discovery": "/",
  status: "/",
  rules: "/alerts",
  "tsdb-status": "/cardinality",
};

/** Which page an address opens. */
export type Route =
  | { readonly page: "home" | "explore" | "boards" | "alerts" | "cardinality" | "missing" }
  | { readonly page: "board"; readonly uid: string };

/** `hash` serves the addresses that Alertmanager's users have in their hands: `/#/alerts`. */
export function readRoute(path: string, hash: string): Route {
  if (/^#\/(alerts|silences)\b/.test(hash)) return { page: "alerts" };
  const [first = "", second, third] = path.replace(/^\/|\/$/g, "").split("/");
  if (first === "") return { page: "home" };
  if (first === "boards" && second && !third)
    return { page: "board", uid: decodeURIComponent(second) };
  if (second !== undefined) return { page: "missing" };
  if (Object.hasOwn(PROMETHEUS_PAGES, first)) return readRoute(PROMETHEUS_PAGES[first] ?? "/", "");
  if (first === "explore" || first === "boards") return { page: first };
  if (first === "alerts" || first === "cardinality") return { page: first };
  return { page: "missing" };
}

/** What of an address stays with the reader from page to page. */
const CARRIED = ["from", "to", "timezone", "refresh"] as const;

/** An address of our own, with the time range that the reader looks at now. */
export function carryTime(target: URL, search: string): string {
  const now = new URLSearchParams(search);
  if (!target.searchParams.has("from")) {
    for (const name of CARRIED) {
      const value = now.get(name);
      if (value !== null && !target.searchParams.has(name)) target.searchParams.set(name, value);
    }
  }
  return target.pathname + target.search + target.hash;
}

/** The page's state: its address, and nothing beside it. */
export class Router implements PageAddress {
  readonly #view: Window;
  readonly #listeners = new Set<() => void>();

  constructor(view: Window) {
    this.#view = view;
    const ours = ourAddress(new URL(view.location.href));
    if (ours !== undefined) view.history.replaceState(null, "", ours);
    view.addEventListener("popstate", this.#tell);
    view.addEventListener("hashchange", this.#tell);
    view.document.addEventListener("click", (event) => this.#onClick(event));
  }

  /** Path, search and hash: changes exactly when the address does. */
  address = (): string => {
    const { pathname, search, hash } = this.#view.location;
    return pathname + search + hash;
  };

  search = (): string => this.#view.location.search;

  go = (target: string, how: "push" | "replace"): void => {
    const url = new URL(
      target === "" ? this.#view.location.pathname : target,
      this.#view.location.href,
    );
    if (how === "push") this.#view.history.pushState(null, "", url);
    else this.#view.history.replaceState(null, "", url);
    this.#tell();
  };

  /** Another page, with the time range that the reader looks at now. */
  visit(path: string): void {
    const { href, search } = this.#view.location;
    this.go(carryTime(new URL(path, href), search), "push");
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell = (): void => {
    for (const listener of this.#listeners) listener();
  };

  /** Plain clicks on our own links stay in the page. */
  #onClick(event: MouseEvent): void {
    const anchor = event.target instanceof Element ? event.target.closest("a") : null;
    if (!anchor || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (anchor.target !== "" || anchor.hasAttribute("download")) return;
    const target = new URL(anchor.href);
    const { origin, pathname } = this.#view.location;
    const route = readRoute(target.pathname, target.hash);
    if (target.origin !== origin || route.page === "missing") return;
    if (target.hash !== "" && target.pathname === pathname) return;
    event.preventDefault();
    this.visit(anchor.href);
  }
}

/**
 * An address that another tool's users bring, as we write it: Prometheus' typing box
 * (`/graph?g0.expr=up&g1.expr=…&g0.range_input=1h&g0.tab=1`), Alertmanager's `/#/alerts`.
 * Undefined when it is already ours.
 */
export function ourAddress(url: URL): string | undefined {
  if (readRoute(url.pathname, url.hash).page === "alerts" && url.hash !== "") return "/alerts";
  const page = url.pathname.slice(1);
  if (!Object.hasOwn(PROMETHEUS_PAGES, page)) return undefined;
  if (page !== "graph") return PROMETHEUS_PAGES[page];
  const search = new URLSearchParams();
  for (let i = 0; url.searchParams.has(`g${i}.expr`); i += 1) {
    search.append("q", url.searchParams.get(`g${i}.expr`) ?? "");
  }
  // Prometheus 2 numbers its tabs, Prometheus 3 names them.
  if (/^(?:1|table)$/.test(url.searchParams.get("g0.tab") ?? "")) search.set("view", "table");
  const length = url.searchParams.get("g0.range_input");
  if (length !== null && /^\d+[smhdwy]$/.test(length)) {
    search.set("from", `now-${length}`);
    search.set("to", "now");
  }
  const text = search.toString();
  return text === "" ? "/explore" : `/explore?${text}`;
}

/** The address's search with some of its names changed; undefined takes a name away. */
export function changeSearch(
  search: string,
  change: Readonly<Record<string, string | readonly string[] | undefined>>,
): string {
  const names = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    names.delete(name);
    if (value === undefined) continue;
    for (const each of typeof value === "string" ? [value] : value) names.append(name, each);
  }
  const text = names.toString();
  return text === "" ? "" : `?${text}`;
}
