import { readFile } from "node:fs/promises";
import { OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import type { UpOptions } from "./arguments.ts";
import { CONFIG_ERRORS } from "./errors.ts";

export function isLoopback(host: string): boolean {
  return ["", "localhost", "127.0.0.1", "::1"].includes(host);
}

/** The token that callers must send; empty = none is needed. Throws where one must be. */
export async function readToken(
  { host, tokenFile, allowInsecure }: UpOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const token = tokenFile === "" ? (environment.HMS_OPS_TOKEN ?? "") : await tokenIn(tokenFile);
  if (token === "" && !allowInsecure && !isLoopback(host)) {
    throw new OpsError(HUB_ERRORS.tokenNeededToListen, { host });
  }
  return token;
}

/** An empty file would leave the hub open to every caller, whom the one who named it keeps out. */
async function tokenIn(file: string): Promise<string> {
  const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new OpsError(CONFIG_ERRORS.unusableToken, { file, reason: reasonOf(error) });
  });
  if (text.trim() !== "") return text.trim();
  throw new OpsError(CONFIG_ERRORS.unusableToken, { file, reason: "it is empty" });
}
