import { setTimeout as wait } from "node:timers/promises";
import { HubClient } from "@hms-ops/client";
import { OpsError, parseDurationMs } from "@hms-ops/model";
import { type Call, type Command, textOf, textsOf } from "../command.ts";
import { CLI_ERRORS } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { hubAddress } from "../hub-address.ts";

/** Bodies kept while the hub is away: an hour of one service at 15 s, then the oldest go. */
const MOST_KEPT = 240;
const SCRAPE_TIMEOUT_MS = 10_000;
const MOST_BODY_BYTES = 16 * 2 ** 20;
const HUBS = ["http://ops.local:9091", "http://127.0.0.1:9090"];

/** One scrape that waits for its delivery. */
interface Kept {
  readonly body: string;
  readonly instance: string;
}

export const collect: Command = {
  usage: "--scrape URL…",
  examples: [
    "hms-ops collect --scrape http://localhost:8000/metrics",
    "OPS_HUB=http://ops.agency.example:9091 hms-ops collect --scrape http://localhost:8000/metrics --interval 30s",
  ],
  flags: {
    "--scrape URL": "may stand several times",
    "--interval 15s": "how often",
    "--hub URL": "where to push; else $OPS_HUB, http://ops.local:9091, else this machine's hub",
    "--once": "scrape and push once, then end",
  },
  options: {
    scrape: { type: "string", multiple: true },
    interval: { type: "string" },
    hub: { type: "string" },
    once: { type: "boolean" },
  },
  words: [0, 0],
  run: async (call) => {
    const urls = textsOf(call.values.scrape);
    const interval = textOf(call.values.interval) ?? "15s";
    const intervalMs = parseDurationMs(interval);
    if (urls.length === 0 || !intervalMs) {
      const reason =
        urls.length === 0 ? "collect needs --scrape URL" : `--interval ${interval} is no duration`;
      throw new OpsError(CLI_ERRORS.usage, { reason, command: "collect" });
    }
    const collector = new Collector(call, await findHub(call));
    for (;;) {
      const delivered = await collector.round(urls);
      if (call.values.once) return delivered ? EXIT.ok : EXIT.failure;
      // Aligned, so that two collectors of a service fall on the same slots.
      await wait(intervalMs - (Date.now() % intervalMs));
    }
  },
};

/** The first address that answers; a named one is taken as it is. */
async function findHub({ values, environment, terminal }: Call): Promise<HubClient> {
  const token = environment.HMS_OPS_TOKEN;
  const open = (url: string) => new HubClient(token ? { url, token } : { url });
  const sources = [
    ["--hub", textOf(values.hub)],
    ["OPS_HUB", environment.OPS_HUB],
    ["--url", textOf(values.url)],
    ["HMS_OPS_URL", environment.HMS_OPS_URL],
  ] as const;
  for (const [source, given] of sources) {
    if (given) return open(hubAddress(given, source, "collect"));
  }
  for (const url of HUBS) {
    const reached = await open(url)
      .status({ timeoutMs: 2000 })
      .then(
        () => true,
        () => false,
      );
    if (!reached) continue;
    terminal.say(`hms-ops: pushing to ${url}\n`);
    return open(url);
  }
  const last = HUBS[HUBS.length - 1] ?? "";
  terminal.say(`hms-ops: no hub answers yet; keeping what is scraped and trying ${last}\n`);
  return open(last);
}

class Collector {
  readonly #call: Call;
  readonly #hub: HubClient;
  #kept: Kept[] = [];
  #dropped = 0;
  #away = false;

  constructor(call: Call, hub: HubClient) {
    this.#call = call;
    this.#hub = hub;
  }

  /** Scrapes all, then delivers what waits, oldest first; true when nothing waits any more. */
  async round(urls: readonly string[]): Promise<boolean> {
    await Promise.all(urls.map((url) => this.#scrape(url)));
    return this.#deliver();
  }

  async #scrape(url: string): Promise<void> {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS) });
      const body = await response.text();
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      if (body.length > MOST_BODY_BYTES) throw new Error(`longer than ${MOST_BODY_BYTES} bytes`);
      this.#keep({ body: withTime(body, Date.now()), instance: new URL(url).host });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const { message, mend } = new OpsError(CLI_ERRORS.scrapeFailed, { url, reason });
      this.#call.terminal.say(`hms-ops: ${message}; ${mend}\n`);
    }
  }

  #keep(one: Kept): void {
    this.#kept.push(one);
    if (this.#kept.length <= MOST_KEPT) return;
    this.#kept.shift();
    this.#dropped++;
    this.#call.terminal.say(
      `hms-ops: the hub is away too long: ${this.#dropped} scrapes dropped\n`,
    );
  }

  async #deliver(): Promise<boolean> {
    while (this.#kept.length > 0) {
      const [first] = this.#kept;
      if (first === undefined) break;
      try {
        await this.#hub.ingest(first.body, { job: "collect", instance: first.instance });
      } catch (error) {
        if (!this.#away)
          this.#call.terminal.say(`hms-ops: not delivered, kept: ${String(error)}\n`);
        this.#away = true;
        return false;
      }
      this.#kept.shift();
    }
    if (this.#away) this.#call.terminal.say("hms-ops: delivered what was kept\n");
    this.#away = false;
    return true;
  }
}

/** Gives samples without a time that of the scrape, so that a late delivery keeps its place. */
function withTime(body: string, timeMs: number): string {
  return body
    .split("\n")
    .map((line) =>
      /^[^#\s].*[}\s]\s*\S+$/.test(line) && !/\s\d{10,}$/.test(line) ? `${line} ${timeMs}` : line,
    )
    .join("\n");
}
