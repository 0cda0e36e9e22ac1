import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const DIST = join(import.meta.dirname, "../dist");
const BUILT = existsSync(join(DIST, "index.html"));
/** Issue 2: the script of the first page, so that it is usable within a second. */
const MOST_SCRIPT_BYTES = 250_000;
/** The Latin subsets of three voices; another one has to earn its place. */
const MOST_FONT_BYTES = 110_000;

/** The page's script and everything that it imports before it shows Home. */
function firstScripts(): ReadonlySet<string> {
  const html = readFileSync(join(DIST, "index.html"), "utf8");
  const found = new Set<string>();
  const waiting = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(
    (match) => match[1] ?? "",
  );
  const home = readdirSync(join(DIST, "assets")).filter((name) => /^home-page-.*\.js$/.test(name));
  waiting.push(...home.map((name) => `assets/${name}`));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    const script = readFileSync(join(DIST, path), "utf8");
    for (const match of script.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) {
      waiting.push(`assets/${match[1]}`);
    }
  }
  return found;
}

describe.skipIf(!BUILT)("the built pages (needs: npm run build:web)", () => {
  it("load at most 250 kB of script, gzipped, for the first one", () => {
    const sizes = [...firstScripts()].map(
      (path) => gzipSync(readFileSync(join(DIST, path))).length,
    );
    expect(sizes.length).toBeGreaterThan(2);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST_SCRIPT_BYTES);
  });

  it("bring their fonts themselves, Latin alone", () => {
    const fonts = readdirSync(join(DIST, "assets")).filter((name) => name.endsWith(".woff2"));
    expect(fonts.length).toBe(4);
    const sizes = fonts.map((name) => readFileSync(join(DIST, "assets", name)).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST_FONT_BYTES);
  });

  it("ask nothing of another origin", () => {
    const files = [
      join(DIST, "index.html"),
      ...readdirSync(join(DIST, "assets"))
        .filter((name) => name.endsWith(".css"))
        .map((name) => join(DIST, "assets", name)),
    ];
    for (const file of files) {
      expect(readFileSync(file, "utf8"), file).not.toMatch(
        /(?:src|href)="https?:|url\(["']?https?:/,
      );
    }
  });
});
