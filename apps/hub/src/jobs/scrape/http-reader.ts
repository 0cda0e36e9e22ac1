import { readFile } from "node:fs/promises";
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions, Agent as TlsAgent } from "node:https";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { type Clock, OpsError } from "@hms-ops/model";
import type { HttpClientConfig } from "../../config/scrape-config.ts";
import { unpackBody } from "../../ingest/index.ts";
import { VERSION } from "../../self/version.ts";
import { SCRAPE_ERRORS } from "./errors.ts";
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

/** Reads targets over HTTP, and those that speak no HTTP but answer with bare text. */
export class HttpReader {
  readonly #clock: Clock;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 4 });
  readonly #tlsAgent = new TlsAgent({ keepAlive: true, maxFreeSockets: 4 });
  /** Hosts that answered without a status line: asked bare from then on. */
  readonly #bareHosts = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  close(): void {
    this.#agent.destroy();
    this.#tlsAgent.destroy();
  }

  /** Rejects with an OpsError that says what a person can do. */
  async read(request: ScrapeRequest, signal?: AbortSignal): Promise<ScrapeAnswer> {
    const control = new AbortController();
    const abort = () => control.abort();
    signal?.addEventListener("abort", abort);
    let timedOut = false;
    const forget = this.#clock.after(request.timeoutMs, () => {
      timedOut = true;
      control.abort();
    });
    try {
      return await this.#readAny(request, control.signal);
    } catch (error) {
      const seconds = request.timeoutMs / 1_000;
      if (timedOut) throw new OpsError(SCRAPE_ERRORS.timedOut, { seconds });
      if (error instanceof OpsError) throw error;
      throw new OpsError(SCRAPE_ERRORS.notReached, { reason: reasonOf(error) });
    } finally {
      forget();
      signal?.removeEventListener("abort", abort);
    }
  }

  async #readAny(request: ScrapeRequest, signal: AbortSignal): Promise<ScrapeAnswer> {
    const { host } = new URL(request.url);
    if (this.#bareHosts.has(host)) return await readBare(request, signal);
    const headers = await headersOf(request);
    try {
      return await this.#readHttp(request, headers, signal);
    } catch (error) {
      if (!isNotHttp(error) || !request.url.startsWith("http:")) throw error;
      const answer = await readBare(request, signal);
      this.#bareHosts.add(host);
      return answer;
    }
  }

  async #readHttp(
    request: ScrapeRequest,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ScrapeAnswer> {
    let url = new URL(request.url);
    let sent = headers;
    for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
      const response = await this.#send(url, sent, request.http, signal);
      const status = response.statusCode ?? 0;
      const location = response.headers.location;
      if (status >= 300 && status < 400 && location && request.http.followRedirects) {
        response.resume();
        const next = new URL(location, url);
        // Credentials are for the host that they were given for.
        if (next.host !== url.host) sent = withoutSecrets(sent, request.http);
        url = next;
        continue;
      }
      if (status !== 200) {
        response.resume();
        const shown = `${status} ${response.statusMessage ?? ""}`.trim();
        throw new OpsError(SCRAPE_ERRORS.badStatus, { status: shown });
      }
      return await readAnswer(response, request);
    }
    throw new OpsError(SCRAPE_ERRORS.badStatus, { status: "3xx too many times" });
  }

  /** A connection that was kept may have been closed just then: asked once more. */
  async #send(
    url: URL,
    headers: Readonly<Record<string, string>>,
    http: HttpClientConfig,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const isTls = url.protocol === "https:";
    const options: RequestOptions = {
      headers,
      signal,
      agent: isTls ? this.#tlsAgent : this.#agent,
      ...(isTls && (await tlsOptions(http))),
    };
    const make = isTls ? httpsRequest : httpRequest;
    const attempt = async (): Promise<IncomingMessage | "again"> => {
      const sent: ClientRequest = make(url, options);
      return await new Promise((resolve, reject) => {
        sent.on("response", resolve);
        sent.on("error", (error: NodeJS.ErrnoException) => {
          if (sent.reusedSocket && error.code === "ECONNRESET") resolve("again");
          else reject(error);
        });
        sent.end();
      });
    };
    const first = await attempt();
    if (first !== "again") return first;
    const second = await attempt();
    if (second === "again") throw new Error("the connection was closed");
    return second;
  }
}

async function readAnswer(
  response: IncomingMessage,
  { maxBytes, url }: ScrapeRequest,
): Promise<ScrapeAnswer> {
  const limit = maxBytes || SCRAPE_BODY_MAX_BYTES;
  const packed = await collect(response, limit);
  const encoding = response.headers["content-encoding"];
  const format = formatOf(response.headers["content-type"]);
  // Who reads it unpacks it: what crosses to that thread is small.
  if (encoding === "gzip") return { body: packed, encoding, format };
  const path = new URL(url).pathname;
  try {
    const body = await unpackBody(packed, encoding, limit, { method: "GET", path });
    return { body, format };
  } catch (error) {
    if (error instanceof OpsError && error.status === 413) throw tooLarge(limit);
    throw error;
  }
}

function tooLarge(limit: number): OpsError {
  return new OpsError(SCRAPE_ERRORS.bodyTooLarge, { limit });
}

/** Of a stream that nobody has begun to read. Listeners cost a third of what an iterator does. */
async function collect(stream: Readable, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  await new Promise<void>((resolve, reject) => {
    stream.on("data", (chunk: Uint8Array) => {
      sizeBytes += chunk.length;
      if (sizeBytes > limit) stream.destroy(tooLarge(limit));
      else parts.push(chunk);
    });
    stream.on("end", resolve);
    stream.on("error", reject);
    stream.on("close", () => reject(new Error("the connection was closed")));
  });
  const body = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const part of parts) {
    body.set(part, offset);
    offset += part.length;
  }
  return body;
}

function formatOf(contentType: string | undefined): ScrapeAnswer["format"] {
  const media = (contentType ?? "").split(";")[0]?.trim().toLowerCase();
  if (media === "application/openmetrics-text") return "openmetrics";
  return media === "text/plain" ? "text" : undefined;
}

/** Whether the peer talks, but not HTTP. */
function isNotHttp(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith("HPE_");
}

/**
 * Asks over a plain socket and takes everything up to the end as the body: small exporters write
 * their text without status line and headers.
 */
async function readBare(
  { url, maxBytes }: ScrapeRequest,
  signal: AbortSignal,
): Promise<ScrapeAnswer> {
  const { hostname, port, pathname, search, host } = new URL(url);
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || 80),
    signal,
  });
  socket.write(`GET ${pathname}${search} HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
  const body = await collect(socket, maxBytes || SCRAPE_BODY_MAX_BYTES);
  const start = new TextDecoder().decode(body.subarray(0, 5));
  if (start === "HTTP/") throw new Error("the answer is HTTP, but its headers cannot be read");
  return { body, format: undefined };
}

async function headersOf({ http, timeoutMs }: ScrapeRequest): Promise<Record<string, string>> {
  const headers: Record<string, string> = {
    accept: ACCEPT,
    "accept-encoding": "gzip",
    "user-agent": `hms-ops/${VERSION}`,
    "x-prometheus-scrape-timeout-seconds": String(timeoutMs / 1_000),
  };
  for (const [name, value] of Object.entries(http.headers)) headers[name.toLowerCase()] = value;
  const credentials = http.credentialsFile
    ? await readSecret(http.credentialsFile)
    : http.credentials;
  const username = http.usernameFile ? await readSecret(http.usernameFile) : http.username;
  const password = http.passwordFile ? await readSecret(http.passwordFile) : http.password;
  if (credentials !== undefined) {
    headers.authorization = `${http.authorizationType ?? "Bearer"} ${credentials}`;
  } else if (username !== undefined) {
    const pair = Buffer.from(`${username}:${password ?? ""}`).toString("base64");
    headers.authorization = `Basic ${pair}`;
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

async function tlsOptions({ tls }: HttpClientConfig): Promise<RequestOptions> {
  return {
    rejectUnauthorized: !tls.insecureSkipVerify,
    ...(tls.serverName && { servername: tls.serverName }),
    ...(tls.caFile && { ca: await readSecret(tls.caFile) }),
    ...(tls.certFile && { cert: await readSecret(tls.certFile) }),
    ...(tls.keyFile && { key: await readSecret(tls.keyFile) }),
  };
}

function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || String(code ?? error);
}
