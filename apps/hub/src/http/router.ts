import type { Route } from "../ports.ts";

export type RouteMatch =
  | {
      readonly kind: "found";
      readonly route: Route;
      readonly params: Readonly<Record<string, string>>;
    }
  /** The path is known, the method isn't. */
  | { readonly kind: "wrong-method"; readonly allowed: readonly string[] }
  | { readonly kind: "none" }
  /** A part of the path that is a parameter is no text: its escapes are broken, or no UTF-8. */
  | { readonly kind: "malformed"; readonly name: string; readonly text: string };

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
    const [name, text] = candidates.find(({ broken }) => broken !== undefined)?.broken ?? [];
    if (name !== undefined && text !== undefined) return { kind: "malformed", name, text };
    const found = candidates.find(({ route }) => route.method === wanted);
    if (found) return { kind: "found", route: found.route, params: found.params };
    return { kind: "wrong-method", allowed: candidates.map(({ route }) => route.method) };
  }

  #matchPatterns(path: string) {
    const segments = path.split("/");
    return this.#patterns.flatMap(({ segments: pattern, route }) => {
      const matched = matchSegments(pattern, segments);
      return matched ? [{ route, ...matched }] : [];
    });
  }
}

interface MatchedSegments {
  readonly params: Readonly<Record<string, string>>;
  /** Name and text of a parameter that cannot be read. */
  readonly broken?: readonly [name: string, text: string];
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): MatchedSegments | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  let broken: MatchedSegments["broken"];
  for (const [i, part] of pattern.entries()) {
    const segment = segments[i] ?? "";
    if (!part.startsWith(":")) {
      if (part !== segment) return undefined;
      continue;
    }
    if (segment === "") return undefined;
    const name = part.slice(1);
    const value = decode(segment);
    if (value === undefined) broken ??= [name, segment];
    else params[name] = value;
  }
  return broken ? { params, broken } : { params };
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
