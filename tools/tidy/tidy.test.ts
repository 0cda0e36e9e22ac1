import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { banOffences } from "./bans.ts";
import { errorDocumentOffences, linkOffences, specOffences } from "./documents.ts";
import { floorOffences } from "./floors.ts";
import { importsOf, listFiles, ROOT, readSources, sizeOf } from "./tree.ts";

/** Only ever falls: each is an exception with its reason beside it. */
const MOST_IGNORES = 25;
const MOST_BYTES = 300_000;

const code = readSources(/\.(ts|tsx|mjs)$/);
const documents = readSources(/\.md$/);

describe("the house rules", () => {
  it("imports run down the floors, through doors", () => {
    expect(floorOffences(code.flatMap(importsOf))).toEqual([]);
  });

  it("banned calls stand only where they belong", () => {
    expect(code.filter(({ path }) => !path.endsWith(".mjs")).flatMap(banOffences)).toEqual([]);
  });

  it("every error code is documented, every documented code exists", () => {
    expect(errorDocumentOffences(code, documents)).toEqual([]);
  });

  it("every rule of a SPEC.md has a test", () => {
    const specs = documents.filter(({ path }) => path.endsWith("SPEC.md"));
    const tests = code.filter(({ path }) => /\.test\.tsx?$|\/testing\//.test(path));
    expect(specOffences(specs, tests)).toEqual([]);
  });

  it("links in documents lead somewhere", () => {
    expect(linkOffences(documents)).toEqual([]);
  });

  it("lint exceptions only become fewer", () => {
    const count = code.reduce((sum, { text }) => sum + text.split("biome-ignore").length - 1, 0);
    expect(count).toBeLessThanOrEqual(MOST_IGNORES);
  });

  it("no large file outside testdata and proofs", () => {
    const exempt = /\/testdata\/|^package-lock\.json$|^proof\/|^bench\/results\//;
    const large = listFiles().filter((path) => !exempt.test(path) && sizeOf(path) > MOST_BYTES);
    expect(large).toEqual([]);
  });

  it("the lock file can be installed from a fresh clone on every platform", () => {
    const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const names = new Set(
      Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, "")),
    );
    const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter((name) => !names.has(name))
        .map((name) => `${path} wants ${name}, which the lock file lacks: pin another version`),
    );
    expect(missing).toEqual([]);
  });
});

describe("the checks see what they should", () => {
  const one = (path: string, text: string) => floorOffences(importsOf({ path, text }));

  it("an import that climbs", () => {
    expect(one("packages/model/src/a.ts", 'import { x } from "@hms-ops/query";')).toHaveLength(1);
  });

  it("an import of an app, and one that leaves its package", () => {
    expect(one("demo/a.ts", 'import { x } from "@hms-ops/hub";')).toHaveLength(1);
    expect(one("demo/a.ts", 'import { x } from "../apps/hub/src/hub.ts";')).toHaveLength(1);
  });

  it("an import of a room above", () => {
    const text = 'import { x } from "../http/server.ts";';
    expect(one("apps/hub/src/self/log.ts", text)).toHaveLength(1);
  });

  it("a banned call, but not its mention", () => {
    const text = "// Date.now() is banned\nconst now = Date.now();";
    expect(banOffences({ path: "packages/query/src/a.ts", text })).toHaveLength(1);
  });

  it("a real clock in what is simulated, but not in what runs it", () => {
    const text = "const now = performance.now();";
    expect(banOffences({ path: "sim/tsdb/a.ts", text })).toHaveLength(1);
    expect(banOffences({ path: "sim/tsdb/a.process.ts", text })).toEqual([]);
    expect(banOffences({ path: "sim/support/a.ts", text })).toEqual([]);
  });

  it("an undocumented and an unknown error code", () => {
    const source = { path: "packages/x/src/errors.ts", text: 'a: { code: "OPS-9001" }' };
    const document = { path: "docs/errors/x.md", text: "## OPS-9002" };
    expect(errorDocumentOffences([source], [document])).toHaveLength(2);
  });

  it("a rule without a test and a test without a rule", () => {
    const spec = { path: "SPEC.md", text: "- [WAL1] x" };
    const test = { path: "a.test.ts", text: 'it("[WAL2] y")' };
    expect(specOffences([spec], [test])).toHaveLength(2);
  });

  it("a link to nowhere", () => {
    expect(linkOffences([{ path: "docs/a.md", text: "[x](nowhere.md)" }])).toHaveLength(1);
  });
});
