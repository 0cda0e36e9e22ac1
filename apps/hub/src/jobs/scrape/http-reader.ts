import { readFile } from "node:fs/promises";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { isIP } from "node:net";
import { type Clock, OpsError } from "@hms-ops/model";
import type { HttpClientConfig } from "../../config/scrape-config.ts";
import { unpackBody } from "../../ingest/index.ts";
import { VERSION } from "../../self/version.ts";
import { SCRAPE_ERRORS } from "./errors.ts";
import { HttpAnswer, tooLarge } from "./http-answer.ts";
import { Connections, Interrupt, type Peer } from "./http-connections.ts";
import { REDIRECTS_MAX, SCRAPE_BODY_MAX_BYTES } from "./limits.ts";

export interface ScrapeRequest {
  readonly url: string;
  readonly http: HttpClientConfig;
  readonly timeoutMs: number;
  /** Of the unpacked body; 0 = the default. */
  readonly maxBytes: number;
}

export interface ScrapeAnswer {
  readonly body: Uint8Array<ArrayBuffer>;
  /** It is still packed. */
  readonly encoding?: "gzip";
  /** As the content type says; undefined = it says nothing that we know. */
  readonly format: "text" | "openmetrics" | undefined;
}

/** The formats that we read, best first, as Prometheus writes its offer. */
const ACCEPT = [
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6",
  "application/openmetrics-text;version=0.0.1;q=0.5",
  "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4",
  "text/plain;version=0.0.4;q=0.3",
  "*/*;q=0.2",
].join(",");

/**
 * Reads targets over HTTP/1, and those that answer with bare text. On sockets of its own: Node's
 * client makes some fifty objects a request, three times the work of all that is needed here.
 */
export class HttpReader {
  readonly #clock: Clock;
  readonly #connections = new Connections();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  close(): void {
    this.#connections.close();
  }

  /** Rejects with an OpsError that says what a person can do. */
  async read(request: ScrapeRequest, signal?: AbortSignal): Promise<ScrapeAnswer> {
    const interrupt = new Interrupt();
    const abort = () => interrupt.raise(new Error("the scrape was ended"));
    signal?.addEventListener("abort", abort);
    const forget = this.#clock.after(request.timeoutMs, () => {
      const seconds = request.timeoutMs / 1_000;
      interrupt.raise(new OpsError(SCRAPE_ERRORS.timedOut, { seconds }));
    });
    try {
      return await this.#read(request, interrupt);
    } catch (error) {
      if (error instanceof OpsError) throw error;
      throw new OpsError(SCRAPE_ERRORS.notReached, { reason: reasonOf(error) });
    } finally {
      forget();
      signal?.removeEventListener("abort", abort);
    }
  }

  async #read(request: ScrapeRequest, interrupt: Interrupt): Promise<ScrapeAnswer> {
    const limit = request.maxBytes || SCRAPE_BODY_MAX_BYTES;
    let url = new URL(request.url);
    let headers = await headersOf(request);
    for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
      const answer = new HttpAnswer(limit);
      const peer = await peerOf(url, request.http);
      await this.#connections.ask(peer, requestText(url, headers), answer, interrupt);
      const { status, statusText, isBare } = answer;
      const location = answer.headers.get("location");
      if (status >= 300 && status < 400 && location && request.http.followRedirects) {
        const next = new URL(location, url);
        // Credentials are for the host that they were given for.
        if (next.host !== url.host) headers = withoutSecrets(headers, request.http);
        url = next;
        continue;
      }
      if (status !== 200) {
        const shown = `${status} ${statusText}`.trim();
        throw new OpsError(SCRAPE_ERRORS.badStatus, { status: shown });
      }
      if (isBare && peer.tls) throw new Error("the answer is not HTTP");
      return await unpacked(answer, limit, url);
    }
    throw new OpsError(SCRAPE_ERRORS.redirected, { max: REDIRECTS_MAX, url: url.href });
  }
}

async function unpacked(answer: HttpAnswer, limit: number, url: URL): Promise<ScrapeAnswer> {
  const packed = answer.takeBody();
  const encoding = answer.headers.get("content-encoding");
  const format = formatOf(answer.headers.get("content-type"));
  // Who reads it unpacks it: what crosses to that thread is small.
  if (encoding === "gzip") return { body: packed, encoding, format };
  try {
    const path = url.pathname;
    const body = await unpackBody(packed, encoding, limit, { method: "GET", path });
    return { body, format };
  } catch (error) {
    if (error instanceof OpsError && error.status === 413) throw tooLarge(limit);
    throw error;
  }
}

function formatOf(contentType: string | undefined): ScrapeAnswer["format"] {
  const media = (contentType ?? "").split(";")[0]?.trim().toLowerCase();
  if (media === "application/openmetrics-text") return "openmetrics";
  return media === "text/plain" ? "text" : undefined;
}

function requestText(url: URL, headers: Readonly<Record<string, string>>): string {
  let text = `GET ${url.pathname}${url.search} HTTP/1.1\r\n`;
  for (const [name, value] of Object.entries({ host: url.host, ...headers })) {
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

/** Throws where a header of the settings cannot be sent. */
async function headersOf({ http, timeoutMs }: ScrapeRequest): Promise<Record<string, string>> {
  const headers: Record<string, string> = {
    accept: ACCEPT,
    "accept-encoding": "gzip",
    connection: "keep-alive",
    "user-agent": `hms-ops/${VERSION}`,
    "x-prometheus-scrape-timeout-seconds": String(timeoutMs / 1_000),
  };
  const own: [string, string][] = Object.entries(http.headers);
  const credentials = http.credentialsFile
    ? await readSecret(http.credentialsFile)
    : http.credentials;
  const username = http.usernameFile ? await readSecret(http.usernameFile) : http.username;
  const password = http.passwordFile ? await readSecret(http.passwordFile) : http.password;
  if (credentials !== undefined) {
    own.push(["authorization", `${http.authorizationType ?? "Bearer"} ${credentials}`]);
  } else if (username !== undefined) {
    const pair = Buffer.from(`${username}:${password ?? ""}`).toString("base64");
    own.push(["authorization", `Basic ${pair}`]);
  }
  for (const [name, value] of own) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

function withoutSecrets(
  headers: Readonly<Record<string, string>>,
  http: HttpClientConfig,
): Record<string, string> {
  const own = new Set(Object.keys(http.headers).map((name) => name.toLowerCase()));
  own.add("authorization");
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name)));
}

async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new OpsError(SCRAPE_ERRORS.secretUnreadable, { file, reason: reasonOf(error) });
  }
}

async function peerOf({ protocol, hostname, port }: URL, { tls }: HttpClientConfig): Promise<Peer> {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (protocol === "http:") return { host, port: Number(port || 80) };
  if (protocol !== "https:") throw new Error(`${protocol} is neither http: nor https:`);
  const servername = tls.serverName || (isIP(host) ? undefined : host);
  return {
    host,
    port: Number(port || 443),
    tls: {
      rejectUnauthorized: !tls.insecureSkipVerify,
      ...(servername && { servername }),
      ...(tls.caFile && { ca: await readSecret(tls.caFile) }),
      ...(tls.certFile && { cert: await readSecret(tls.certFile) }),
      ...(tls.keyFile && { key: await readSecret(tls.keyFile) }),
    },
  };
}

function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || String(code ?? error);
}
