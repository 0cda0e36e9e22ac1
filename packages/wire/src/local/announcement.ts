/**
 * How a service on this machine tells the hub where its /metrics are: one JSON file a process,
 * `<runtime folder>/services/<pid>.json`, written by the SDK, removed when the process ends. The
 * hub takes only files that belong to its own user, and forgets those whose process is gone.
 *
 * The runtime folder is `$HMS_OPS_RUNTIME_DIR`, else `$XDG_RUNTIME_DIR/hms-ops`, else
 * `<OS temp folder>/hms-ops-<user id>` (mode 0700).
 */
export interface ServiceAnnouncement {
  readonly version: 1;
  readonly service: string;
  readonly pid: number;
  /** `http://127.0.0.1:8009/metrics` */
  readonly url: string;
  readonly startedAtMs: number;
}

/** Reads one file's text; undefined when it is not an announcement. */
export function readAnnouncement(text: string): ServiceAnnouncement | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { version, service, pid, url, startedAtMs } = value as Record<string, unknown>;
  const valid =
    version === 1 &&
    typeof service === "string" &&
    Number.isSafeInteger(pid) &&
    typeof url === "string" &&
    /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost):\d+\//.test(url) &&
    typeof startedAtMs === "number";
  if (!valid) return undefined;
  return { version: 1, service, pid: pid as number, url, startedAtMs };
}
