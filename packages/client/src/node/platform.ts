import { userInfo } from "node:os";
import { basename, extname } from "node:path";
import type { Clock, OpsError } from "@hms-ops/model";
import { MAX_WARNINGS } from "../limits.ts";

/** The machine's clock; what waits on it never keeps the process alive. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const warned = new Set<string>();

/** Tells the host's developer once, as Node tells of deprecated calls; never stops the host. */
export function warnOnce(problem: OpsError): void {
  const text = `${problem.message}; ${problem.mend}`;
  if (warned.has(text) || warned.size >= MAX_WARNINGS) return;
  warned.add(text);
  process.emitWarning(text, { type: "HmsOpsWarning", code: problem.code });
}

/** Environment variables, one empty text like an absent one. */
export function environment(name: string): string | undefined {
  return process.env[name] || undefined;
}

/** `OPS_SERVICE`, else the package that npm runs, else the script's name. */
export function defaultServiceName(): string {
  const script = process.argv[1] ?? "node";
  return (
    environment("OPS_SERVICE") ??
    environment("npm_package_name") ??
    basename(script, extname(script))
  );
}

/** Who we are on this machine, for folders that each user has. */
export function userId(): string {
  return String(process.getuid?.() ?? userInfo().username);
}
