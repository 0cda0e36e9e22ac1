import type { Route } from "../ports.ts";

export type RouteMatch =
  | {
      readonly kind: "found";
      readonly route: Route;
      readonly params: Readonly<Record<string, string>>;
    }
  /** The path is known, the method isn't. */
  | { readonly kind: "wrong-method"; readonly allowed: readonly string[] }
  | { readonly kind: "none" };

const NO_PARAMS: Readonly<Record<string, string>> = {};

interface Pattern {
  readonly segments: readonly string[];
  readonly route: Route;
}

/** Finds the row of a request: exact paths by map, paths with `:name` parts by segment. */
export class Router {
  /** By path, then by method. */
  readonly #exact = new Map<string, Map<string, Route>>();
  readonly #patterns: Pattern[] = [];

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      if (route.path.includes(":")) {
        this.#patterns.push({ segments: route.path.split("/"), route });
      } else {
        const same = this.#exact.get(route.path) ?? new Map<string, Route>();
        this.#exact.set(route.path, same.set(route.method, route));
      }
    }
  }

  match(method: string, path: string): RouteMatch {
    const wanted = method === "HEAD" ? "GET" : method;
    const exact = this.#exact.get(path);
    if (exact) {
      const route = exact.get(wanted);
      if (route) return { kind: "found", route, params: NO_PARAMS };
      return { kind: "wrong-method", allowed: [...exact.keys()] };
    }
    const candidates = this.#matchPatterns(path);
    if (candidates.length === 0) return { kind: "none" };
    const found = candidates.find(({ route }) => route.method === wanted);
    if (found) return { kind: "found", ...found };
    return { kind: "wrong-method", allowed: candidates.map(({ route }) => route.method) };
  }

  #matchPatterns(path: string) {
    const segments = path.split("/");
    return this.#patterns.flatMap(({ segments: pattern, route }) => {
      const params = matchSegments(pattern, segments);
      return params ? [{ route, params }] : [];
    });
  }
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of pattern.entries()) {
    const segment = segments[i] ?? "";
    if (!part.startsWith(":")) {
      if (part !== segment) return undefined;
      continue;
    }
    const value = decode(segment);
    if (value === undefined || value === "") return undefined;
    params[part.slice(1)] = value;
  }
  return params;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
