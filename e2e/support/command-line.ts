import { spawn } from "node:child_process";
import { HMS_OPS, quietEnvironment } from "./hub.ts";

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/** Runs `hms-ops WORDS…` as a user does, in a folder. */
export function runHmsOps(folder: string, ...words: string[]): Promise<Ran> {
  return runHmsOpsWith({}, folder, ...words);
}

/** The same, with variables of the environment. */
export function runHmsOpsWith(
  environment: Readonly<Record<string, string>>,
  folder: string,
  ...words: string[]
): Promise<Ran> {
  const env = { ...quietEnvironment(folder), ...environment };
  const child = spawn(HMS_OPS, words, { cwd: folder, env });
  child.stdin.end();
  let out = "";
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, said })));
}
