import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** One file of the checkout, as text. */
export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
}

/** Files that git knows or would add, so that ignored output is never read. */
export function listFiles(): readonly string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const names = execFileSync("git", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 64 << 20 });
  return names.split("\n").filter((name) => name !== "" && existsSync(join(ROOT, name)));
}

export function readSources(extensions: RegExp): readonly SourceFile[] {
  return listFiles()
    .filter((path) => extensions.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

export function sizeOf(path: string): number {
  return statSync(join(ROOT, path)).size;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']\s*\)|(?:^|\n)\s*import\s+["']([^"']+)["']/g;

export function importsOf({ path, text }: SourceFile): readonly Import[] {
  return [...text.matchAll(IMPORT)].map((match) => ({
    file: path,
    line: text.slice(0, match.index).split("\n").length + (match[0].startsWith("\n") ? 1 : 0),
    specifier: match[1] ?? match[2] ?? match[3] ?? "",
  }));
}

/** Where a relative import leads, from the root. */
export function resolveRelative({ file, specifier }: Import): string {
  return normalize(join(dirname(file), specifier));
}

/** `packages/query`, `apps/hub`, `demo` … */
export function packageOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "packages" || first === "apps" ? `${first}/${second}` : first;
}
