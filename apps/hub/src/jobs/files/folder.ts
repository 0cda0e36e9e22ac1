import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { MAX_RULE_FILE_CHARS } from "@hms-ops/control";
import { MAX_RULE_FILES } from "./limits.ts";

/** A file as it was when it was looked at. */
export interface FolderFile {
  /** As people name it: `alerts/latency.yml`. */
  readonly file: string;
  readonly path: string;
  /** Changes when the file does. */
  readonly version: string;
}

/** The rule files of a folder, by name; none when there is no folder. */
export async function listRuleFiles(folder: string, shown: string): Promise<readonly FolderFile[]> {
  let names: readonly string[];
  try {
    names = await readdir(folder, { recursive: true });
  } catch {
    return [];
  }
  const rules = names
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => /\.ya?ml$/i.test(name) && !/(^|\/)\./.test(name))
    .sort()
    .slice(0, MAX_RULE_FILES);
  const files: FolderFile[] = [];
  for (const name of rules) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) continue;
    const version = `${found.mtimeMs} ${found.size} ${found.ino}`;
    files.push({ file: `${shown}/${name}`, path, version });
  }
  return files;
}

/** The text of a file, or why it cannot be read. */
export async function readRuleText(
  path: string,
): Promise<{ readonly text: string } | { readonly reason: string }> {
  try {
    const { size } = await stat(path);
    if (size > 4 * MAX_RULE_FILE_CHARS) return { reason: `it has ${size} bytes` };
    return { text: await readFile(path, "utf8") };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { reason: code ?? String(error) };
  }
}
