import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Pages } from "./pages.ts";
import { Router } from "./router.ts";
import { bindRoutes, ROUTE_TABLE } from "./routes.ts";

const routes = bindRoutes(() => () => ({ status: 200 }));

/** An address that the row answers. */
function example(path: string): string {
  return path.replaceAll(/:\w+/g, "x");
}

describe("the table of routes", () => {
  it("has no two rows for one request", () => {
    const matched = ROUTE_TABLE.map(({ method, path }) => {
      const rows = routes.filter(
        (route) =>
          route.method === method &&
          new Router([route]).match(method, example(path)).kind === "found",
      );
      return [`${method} ${path}`, rows.length];
    });
    expect(matched.filter(([, count]) => count !== 1)).toEqual([]);
  });

  it("names files that exist", () => {
    const folder = new URL("../", import.meta.url);
    const missing = ROUTE_TABLE.filter(
      ({ owner }) => !existsSync(fileURLToPath(new URL(owner, folder))),
    );
    expect(missing).toEqual([]);
  });

  it("is not shadowed by a page: no page answers an address of the API", async () => {
    const pages = new Pages("/nowhere");
    const apiPaths = ROUTE_TABLE.map(({ path }) => example(path));
    for (const path of apiPaths) {
      expect(await pages.answer(path, { accept: "text/html" }), path).toBeUndefined();
    }
  });
});

describe("Router", () => {
  const router = new Router(routes);

  it("decodes the parts of a path", () => {
    expect(router.match("GET", "/api/v1/label/a%2Fb/values")).toMatchObject({
      kind: "found",
      params: { name: "a/b" },
    });
    expect(router.match("GET", "/api/v1/label/%zz/values").kind).toBe("malformed");
    expect(router.match("GET", "/api/v1/label//values").kind).toBe("none");
  });

  it("answers HEAD as GET, and says which methods a path takes", () => {
    expect(router.match("HEAD", "/-/healthy").kind).toBe("found");
    expect(router.match("GET", "/-/reload")).toEqual({
      kind: "wrong-method",
      allowed: ["POST", "PUT"],
    });
    expect(router.match("GET", "/api/v1/nothing").kind).toBe("none");
  });
});
