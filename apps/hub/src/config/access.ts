import { readFile } from "node:fs/promises";
import { OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import type { UpOptions } from "./arguments.ts";

export function isLoopback(host: string): boolean {
  return ["", "localhost", "127.0.0.1", "::1"].includes(host);
}

/** The token that callers must send; empty = none is needed. Throws where one must be. */
export async function readToken(
  { host, tokenFile, allowInsecure }: UpOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const token =
    tokenFile === ""
      ? (environment.HMS_OPS_TOKEN ?? "")
      : (await readFile(tokenFile, "utf8")).trim();
  if (token === "" && !allowInsecure && !isLoopback(host)) {
    throw new OpsError(HUB_ERRORS.tokenNeededToListen, { host });
  }
  return token;
}
