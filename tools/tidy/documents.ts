import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT, type SourceFile } from "./tree.ts";

/** Every code of an errors.ts has its entry in docs/errors/, and the other way round. */
export function errorDocumentOffences(
  sources: readonly SourceFile[],
  documents: readonly SourceFile[],
): readonly string[] {
  const inCode = new Map<string, string>();
  const offences: string[] = [];
  for (const { path, text } of sources.filter(({ path }) => path.endsWith("/errors.ts"))) {
    for (const [, code = ""] of text.matchAll(/code: "(OPS-\d+)"/g)) {
      const other = inCode.get(code);
      if (other)
        offences.push(`${code} stands in ${other} and in ${path}: give one another number`);
      inCode.set(code, path);
    }
  }
  const inDocuments = new Set<string>();
  for (const { path, text } of documents.filter(({ path }) => path.startsWith("docs/errors/"))) {
    for (const [, code = ""] of text.matchAll(/^#+ (OPS-\d+)/gm)) {
      inDocuments.add(code);
      if (!inCode.has(code)) offences.push(`${path} explains ${code}, which no errors.ts has`);
    }
  }
  for (const [code, path] of inCode) {
    if (!inDocuments.has(code)) offences.push(`${path} ${code} has no entry in docs/errors/`);
  }
  return offences;
}

/** Each rule of a SPEC.md is named by a test, and no test names an unknown one. */
export function specOffences(
  specs: readonly SourceFile[],
  tests: readonly SourceFile[],
): readonly string[] {
  const offences: string[] = [];
  const known = new Set<string>();
  const prefixes = new Set<string>();
  const tested = tests.map(({ text }) => text).join("\n");
  for (const { path, text } of specs) {
    for (const [, id = ""] of text.matchAll(/\[([A-Z]+\d+)\]/g)) {
      known.add(id);
      prefixes.add(id.replace(/\d+$/, ""));
      if (!tested.includes(`[${id}]`)) offences.push(`${path} rule [${id}] is named by no test`);
    }
  }
  for (const { path, text } of tests) {
    for (const [, id = ""] of text.matchAll(/"\[([A-Z]+\d+)\]/g)) {
      if (prefixes.has(id.replace(/\d+$/, "")) && !known.has(id)) {
        offences.push(`${path} names [${id}], which no SPEC.md has`);
      }
    }
  }
  return [...new Set(offences)];
}

/** Links between our documents lead somewhere. */
export function linkOffences(documents: readonly SourceFile[]): readonly string[] {
  return documents.flatMap(({ path, text }) =>
    [...text.replace(/```[\s\S]*?```/g, "").matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(ROOT, dirname(path), target)))
      .map((target) => `${path} links to ${target}, which is not there`),
  );
}
