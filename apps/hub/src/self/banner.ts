/** What of the hub is told. */
export interface BannerFacts {
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
  /** Alias ports that are open; one may stand there for each address. */
  readonly aliasPorts: readonly number[];
  /** Alias ports that are taken. */
  readonly failures: readonly { readonly port: number }[];
  services(): readonly { readonly origin: string; readonly job: string; readonly url: string }[];
}

/** Where commands look for a hub that nobody named. */
const USUAL_PORT = 9090;
const AGENCY = "the demo agency; its services appear within seconds";
const NOTHING_YET = "this machine and this hub; services that start later appear by themselves";

/** What a started hub says on the terminal, below the address of its page; no line end. */
export function banner(hub: BannerFacts, { demo }: { readonly demo: boolean }): string {
  const failed = new Set(hub.failures.map(({ port }) => port));
  const taken = [...failed].join(", ");
  // One that is had on one address only leads a reader elsewhere on the other.
  const open = [...new Set(hub.aliasPorts)].filter((port) => !failed.has(port)).join(", ");
  const others = hub.services().filter(({ origin, url }) => origin !== "self" && url !== "");
  const found = others.map(({ job, url }) => `${job} (${url})`).join(", ");
  return [
    ...(open === ""
      ? []
      : [`Also open: ${open} (other names of this port; not with --no-aliases)`]),
    ...(hub.port === USUAL_PORT ? [] : [`CLI: export HMS_OPS_URL=http://127.0.0.1:${hub.port}`]),
    `Data in ${hub.dataDir}, log in ${hub.logFile}`,
    ...(taken === "" ? [] : [`Taken: ${taken} (other names of this port; nothing is lost)`]),
    `Found: ${found || (demo ? AGENCY : NOTHING_YET)}`,
    demo
      ? "Next: open the page, then try: hms-ops demo fault payments-slow"
      : "Next: open the page and type a metric, or see a whole agency with: hms-ops up --demo",
    "Ctrl-C stops.",
  ].join("\n");
}

/**
 * What an `up` says that finds its hub running: where it is, and what of this `up` that one does not
 * take, an address or flags.
 */
export function runningText(
  { url, pid }: { readonly url: string; readonly pid: number },
  port: number,
  notTaken: readonly string[],
): string {
  const isElsewhere = port !== 0 && URL.canParse(url) && new URL(url).port !== String(port);
  const stopIt = `stop it first${pid === 0 ? "" : ` (kill ${pid})`}.`;
  return [
    `HMS-OPS is already running (pid ${pid}).`,
    `Dashboard running at ${url}`,
    ...(isElsewhere ? [`It is not on port ${port}: to have it there, ${stopIt}`] : []),
    ...(notTaken.length > 0
      ? [
          `It goes on as it was started and does not take ${notTaken.join(", ")}: for that, ${stopIt}`,
        ]
      : []),
    "",
  ].join("\n");
}
