import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_ADDRESS_CHARS, MAX_FORM_BODY_BYTES } from "../limits.ts";
import type { HeldBody, HubRequest, HubResponse, Log, Route } from "../ports.ts";
import { asOpsError, errorAnswer } from "./answer.ts";
import { readBody, readForm } from "./body.ts";
import { CallerSignal } from "./caller-signal.ts";
import type { Guard } from "./guard.ts";
import { chooseEncoding, type Encoding, packBody, packStream } from "./packing.ts";
import type { Pages } from "./pages.ts";
import { writePiece } from "./pieces.ts";
import type { Router } from "./router.ts";

/** What is read of a refused body at most, so that the sender gets to see the answer. */
const MAX_DRAINED_BYTES = 256 * 1024 * 1024;

/** Small bodies are sent as a text: Node writes it in one go with the head. */
const TEXT_BYTES_MOST = 16 * 1024;

export interface ExchangeOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The caller waits for `100 Continue` before it sends the body. */
  readonly awaitsContinue: boolean;
  readonly router: Router;
  readonly guard: Guard;
  readonly pages: Pages;
  readonly home: string | undefined;
  readonly log: Log;
}

/** One request and its answer. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #gone = new CallerSignal();
  readonly #headers: Readonly<Record<string, string | undefined>>;
  readonly #path: string;
  readonly #query: URLSearchParams;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const { headers, url = "/" } = options.request;
    this.#headers = singleHeaders(headers);
    const mark = url.indexOf("?");
    this.#path = mark < 0 ? url : url.slice(0, mark);
    this.#query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
  }

  /** Never rejects. The result names the file that answered, for our own metrics. */
  async run(): Promise<string> {
    const { request, response, log } = this.#options;
    response.once("close", () => {
      if (!response.writableFinished) this.#gone.abort();
    });
    let owner = "none";
    try {
      const { route, answer } = await this.#answer();
      owner = route;
      await this.#send(answer);
    } catch (error) {
      const known = asOpsError(error);
      // Whoever has gone breaks off what was under way; that is no fault of the hub.
      if (!(error instanceof OpsError) && !this.#gone.aborted) {
        log.error("a request failed inside the hub", { path: this.#path, error });
      }
      if (response.headersSent) response.destroy();
      else await this.#send(errorAnswer(known, this.#path)).catch(() => response.destroy());
    }
    if (!request.complete) drain(request);
    return owner;
  }

  async #answer(): Promise<{ readonly route: string; readonly answer: HubResponse }> {
    const { request, router, guard, home } = this.#options;
    const { method = "GET", url = "" } = request;
    const path = this.#path;
    if (url.length > MAX_ADDRESS_CHARS) {
      const inputs = { length: url.length, limit: MAX_ADDRESS_CHARS };
      throw new OpsError(HUB_ERRORS.addressTooLong, inputs);
    }
    const match = router.match(method, path);
    const auth = match.kind === "found" ? match.route.auth : "read";
    const refusal = guard.check({ method, path, headers: this.#headers }, auth);
    if (refusal) throw refusal;
    if (match.kind === "found") {
      const { route, params } = match;
      return { route: route.owner, answer: await this.#handle(route, params) };
    }
    if (match.kind === "malformed") {
      const reason = `cannot parse ${JSON.stringify(match.text)} to UTF-8 text`;
      throw new OpsError(HUB_ERRORS.badParameter, { name: match.name, reason });
    }
    if (match.kind === "wrong-method") {
      return { route: "http", answer: otherMethods(path, method, match.allowed.join(", ")) };
    }
    if (home !== undefined && path === "/") {
      return { route: "http", answer: { status: 302, headers: { location: home } } };
    }
    return { route: "http/pages.ts", answer: await this.#page(method) };
  }

  async #page(method: string): Promise<HubResponse> {
    const readable = method === "GET" || method === "HEAD";
    const page = readable ? await this.#options.pages.answer(this.#path, this.#headers) : undefined;
    if (page) return page;
    throw new OpsError(HUB_ERRORS.notFound, { path: this.#path.slice(0, 200) });
  }

  #handle(
    route: Route,
    params: Readonly<Record<string, string>>,
  ): Promise<HubResponse> | HubResponse {
    const { request } = this.#options;
    const hubRequest: HubRequest = {
      method: request.method ?? "GET",
      path: this.#path,
      params,
      query: this.#query,
      headers: this.#headers,
      remoteAddress: request.socket.remoteAddress ?? "",
      signal: this.#gone,
      body: (maxBytes = MAX_FORM_BODY_BYTES) => {
        this.#continue(maxBytes);
        return readBody(request, this.#path, maxBytes);
      },
      form: () => {
        this.#continue(MAX_FORM_BODY_BYTES);
        return readForm(request, this.#path, this.#query);
      },
    };
    return route.handle(hubRequest);
  }

  /** Asks for the body, unless its announced length is refused anyway. */
  #continue(maxBytes: number): void {
    const { awaitsContinue, response } = this.#options;
    const announced = Number(this.#headers["content-length"] ?? 0);
    if (awaitsContinue && announced <= maxBytes) response.writeContinue();
  }

  async #send({ status, headers = {}, body }: HubResponse): Promise<void> {
    const { request, response } = this.#options;
    if (response.destroyed) return;
    const head: OutgoingHttpHeaders = { ...headers, "x-content-type-options": "nosniff" };
    if (status === 401) head["www-authenticate"] = 'Basic realm="HMS-OPS"';
    if (status === 503) head["retry-after"] ??= "5";
    if (!request.complete) head.connection = "close";
    if (typeof body === "function") await this.#hold(status, head, body);
    else if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
      await this.#sendWhole(status, head, body ?? "");
    } else await this.#stream(status, head, body);
  }

  /** Neither packed nor chunked: many callers may be sent the very same bytes. */
  async #hold(status: number, head: OutgoingHttpHeaders, body: HeldBody): Promise<void> {
    const { request, response } = this.#options;
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.writeHead(status, head);
    response.flushHeaders();
    const { socket } = response;
    if (request.method !== "HEAD" && socket) {
      await body({
        // Without what a response does for each piece: there may be a thousand of these.
        write: (bytes) => void (socket.writable && socket.write(bytes)),
        get waitingBytes() {
          return socket.writableLength;
        },
      });
    }
    response.end();
  }

  async #sendWhole(
    status: number,
    head: OutgoingHttpHeaders,
    body: string | Uint8Array,
  ): Promise<void> {
    const { request, response } = this.#options;
    const encoding = this.#encoding(head, body.length);
    const bytes = encoding ? await packBody(body, encoding) : body;
    const bodiless = status === 204 || status === 304;
    if (!bodiless) head["content-length"] = Buffer.byteLength(bytes);
    response.writeHead(status, head);
    if (bodiless || request.method === "HEAD") response.end();
    else if (bytes.length > TEXT_BYTES_MOST) response.end(bytes);
    else response.end(latin1Of(bytes), "latin1");
  }

  async #stream(
    status: number,
    head: OutgoingHttpHeaders,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const { response } = this.#options;
    const encoding = this.#encoding(head, Number.POSITIVE_INFINITY);
    response.writeHead(status, head);
    for await (const chunk of encoding ? packStream(body, encoding) : body) {
      if (this.#gone.aborted || !(await writePiece(response, chunk))) return;
    }
    response.end();
  }

  /** How the body is to be packed, which the head then tells. */
  #encoding(head: OutgoingHttpHeaders, length: number): Encoding | undefined {
    if (head["content-encoding"] !== undefined) return undefined;
    const type = String(head["content-type"] ?? "");
    const encoding = chooseEncoding(type, length, this.#headers["accept-encoding"]);
    if (encoding === undefined) return undefined;
    head["content-encoding"] = encoding;
    head.vary = head.vary === undefined ? "Accept-Encoding" : `${head.vary}, Accept-Encoding`;
    return encoding;
  }
}

/** A text of which each character stands for one byte. */
function latin1Of(body: string | Uint8Array): string {
  const bytes =
    typeof body === "string"
      ? Buffer.from(body)
      : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return bytes.toString("latin1");
}

/** Headers with one value each, as our handlers read them. */
function singleHeaders(
  headers: IncomingMessage["headers"],
): Readonly<Record<string, string | undefined>> {
  const single: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) {
    single[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return single;
}

/** A sender that is cut off in mid-body never reads the answer: its rest is thrown away. */
function drain(request: IncomingMessage): void {
  let drainedBytes = 0;
  request.on("data", (chunk: Buffer) => {
    drainedBytes += chunk.length;
    if (drainedBytes > MAX_DRAINED_BYTES) request.destroy();
  });
  request.on("error", () => request.destroy());
  request.resume();
}

/** The header belongs to both answers (RFC 9110, Allow). */
function otherMethods(path: string, method: string, allowed: string): HubResponse {
  if (method === "OPTIONS") return { status: 204, headers: { allow: allowed } };
  const refusal = new OpsError(HUB_ERRORS.methodNotAllowed, { path, method, allowed });
  const answer = errorAnswer(refusal, path);
  return { ...answer, headers: { ...answer.headers, allow: allowed } };
}
