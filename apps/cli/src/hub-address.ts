import { OpsError } from "@hms-ops/model";
import { CLI_ERRORS } from "./errors.ts";

const PORT = 9090;

/** The address of a hub as it was given in `source` (a flag, a variable). Throws OPS-1702. */
export function hubAddress(given: string, source: string, command: string): string {
  if (/^https?:\/\/[^/]/i.test(given) && URL.canParse(given)) return given;
  const guess = guessOf(given);
  const mend = guess ? `write ${guess}` : `write it as http://127.0.0.1:${PORT}`;
  const reason = `${source} ${given} is no address of a hub: ${mend}`;
  throw new OpsError(CLI_ERRORS.usage, { reason, command });
}

/** With the scheme, and the port where none was given; undefined: that would be no address either. */
function guessOf(given: string): string | undefined {
  if (given.includes("://")) return undefined;
  const host = given.replace(/^\/+|\/+$/g, "");
  const address = `http://${host}`;
  if (host === "" || !URL.canParse(address)) return undefined;
  return /:\d+/.test(host.replace(/\[.*\]/, "")) || host.includes("/")
    ? address
    : `${address}:${PORT}`;
}
