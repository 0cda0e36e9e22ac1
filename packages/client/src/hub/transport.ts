import { CLIENT_ERRORS } from "../errors.ts";
import { HubError, type HubErrorKind } from "./hub-error.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HubClientOptions {
  /** `http://127.0.0.1:9090`; empty in a page means the hub that served it. May hold `user:token@`. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  readonly fetch?: Fetch;
  /** How long one call may take; 30 s. */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface HubCall extends CallOptions {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** Of the address; lists repeat the name. Undefined ones are left out. */
  readonly query?: CallParameters;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form, for expressions that are too long for an address. */
  readonly form?: CallParameters;
  /** Sent as it is. */
  readonly text?: string;
  /** Sent as they are, with the headers that say what they are. */
  readonly bytes?: {
    readonly body: Uint8Array<ArrayBuffer>;
    readonly headers: Readonly<Record<string, string>>;
  };
}

export interface HubAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export type CallParameters = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

const DEFAULT_TIMEOUT_MS = 30_000;

/** Sends one call and turns every way to fail into a HubError. */
export class HubTransport {
  readonly url: string;
  readonly #authorization: string | undefined;
  readonly #fetch: Fetch;
  readonly #timeoutMs: number;

  constructor(options: HubClientOptions) {
    const { address, basic } = splitCredentials(options.url);
    this.url = address;
    this.#authorization = options.token ? `Bearer ${options.token}` : basic;
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  async json(call: HubCall): Promise<unknown> {
    const text = await this.text(call);
    if (text === "") return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw this.#notAHub(call.path, "the answer is not JSON");
    }
  }

  /** The body of a 2xx answer. */
  async text(call: HubCall): Promise<string> {
    const answer = await this.answer(call);
    if (answer.status >= 200 && answer.status < 300) return answer.text;
    throw this.refusal(call, answer);
  }

  /** Whatever the hub answers; rejects only when it does not. */
  async answer(call: HubCall): Promise<HubAnswer> {
    const timeoutMs = call.timeoutMs ?? this.#timeoutMs;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline;
    try {
      const response = await this.#fetch(this.#address(call), this.#request(call, signal));
      const { status, headers } = response;
      return { status, headers, text: await response.text() };
    } catch (error) {
      if (call.signal?.aborted) throw error;
      if (deadline.aborted) {
        const inputs = { url: this.#shownUrl(), path: call.path, timeoutMs };
        throw new HubError("timeout", CLIENT_ERRORS.hubTimeout, inputs);
      }
      const inputs = { url: this.#shownUrl(), why: reasonOf(error) };
      throw new HubError("unreachable", CLIENT_ERRORS.hubUnreachable, inputs);
    }
  }

  /** The body of a 2xx answer as it comes, for as long as it comes. */
  async *bytes(call: HubCall, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const response = await this.#fetch(this.#address(call), this.#request(call, signal));
    const { status, headers, body } = response;
    if (!response.ok || body === null) {
      throw this.refusal(call, { status, headers, text: await response.text() });
    }
    const reader = body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }

  /** Runs a reader over an answer; what it throws means that no hub answered. */
  read<Answer>(path: string, reader: () => Answer): Answer {
    try {
      return reader();
    } catch (error) {
      throw this.#notAHub(path, reasonOf(error));
    }
  }

  #address(call: HubCall): string {
    const search = encode(call.query ?? {}).toString();
    return `${this.url}${call.path}${search === "" ? "" : `?${search}`}`;
  }

  #request(call: HubCall, signal: AbortSignal): RequestInit {
    const headers: Record<string, string> = { accept: "application/json" };
    if (this.#authorization) headers.authorization = this.#authorization;
    const init: RequestInit = { method: call.method, headers, signal };
    if (call.json !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(call.json);
    } else if (call.form) {
      headers["content-type"] = "application/x-www-form-urlencoded";
      init.body = encode(call.form).toString();
    } else if (call.text !== undefined) {
      headers["content-type"] = "text/plain; charset=utf-8";
      init.body = call.text;
    } else if (call.bytes) {
      Object.assign(headers, call.bytes.headers);
      init.body = call.bytes.body;
    }
    return init;
  }

  /** An answer that is no success, as an error. */
  refusal({ path }: HubCall, { status, text }: HubAnswer): HubError {
    const said = readRefusal(text);
    if (!said) return this.#withoutWords(path, status, text);
    const row = { ...CLIENT_ERRORS.hubRefused, code: said.code, status };
    return new HubError(
      kindOf(status, said.errorType),
      row,
      { error: said.error, mend: said.mend },
      said.errorType,
    );
  }

  #withoutWords(path: string, status: number, text: string): HubError {
    if (status === 404) {
      return new HubError(
        "not-found",
        { ...CLIENT_ERRORS.hubAnswerUnreadable, status },
        {
          url: this.#shownUrl(),
          path,
          why: "404 Not Found",
        },
      );
    }
    const error = text.trim().slice(0, 300) || `the hub answered ${status} to ${path}`;
    const mend = "look at the hub's own log: `hms-ops status` says where it is";
    return new HubError(
      kindOf(status, ""),
      { ...CLIENT_ERRORS.hubRefused, status },
      { error, mend },
    );
  }

  #notAHub(path: string, why: string): HubError {
    const inputs = { url: this.#shownUrl(), path, why };
    return new HubError("not-a-hub", CLIENT_ERRORS.hubAnswerUnreadable, inputs);
  }

  #shownUrl(): string {
    return this.url === "" ? "this address" : this.url;
  }
}

function kindOf(status: number, errorType: string): HubErrorKind {
  if (status === 401 || status === 403) return "not-allowed";
  if (status === 404) return "not-found";
  if (status === 504 || errorType === "timeout") return "timeout";
  return "refused";
}

interface Refusal {
  readonly code: OpsCode;
  readonly error: string;
  readonly mend: string;
  readonly errorType: string;
}

type OpsCode = `OPS-${number}`;

/**
 * The hub's three forms of an error: ours (`code message mend`), Prometheus' (`error errorType`),
 * and two lines of text where senders of samples read them.
 */
function readRefusal(text: string): Refusal | undefined {
  const lines = /^(.+)\n(.*) \((OPS-\d+)\)\n?$/.exec(text);
  if (lines) {
    const [, error = "", mend = "", code] = lines;
    return { code: code as OpsCode, error, mend, errorType: "" };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { error, message, mend, code, errorType } = value as Record<string, unknown>;
  const words = typeof error === "string" ? error : message;
  if (typeof words !== "string") return undefined;
  return {
    code: isOpsCode(code) ? code : CLIENT_ERRORS.hubRefused.code,
    error: words,
    mend: typeof mend === "string" ? mend : "",
    errorType: typeof errorType === "string" ? errorType : "",
  };
}

function isOpsCode(code: unknown): code is OpsCode {
  return typeof code === "string" && /^OPS-\d+$/.test(code);
}

function encode(parameters: CallParameters): URLSearchParams {
  const encoded = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    if (typeof value === "object") for (const item of value) encoded.append(name, item);
    else encoded.append(name, String(value));
  }
  return encoded;
}

/** `fetch` refuses an address with credentials: they go into a header instead. */
function splitCredentials(url: string): { address: string; basic: string | undefined } {
  const match = /^(https?:\/\/)([^/@]+)@(.*)$/.exec(url);
  const address = (match ? `${match[1]}${match[3]}` : url).replace(/\/+$/, "");
  return {
    address,
    basic: match ? `Basic ${btoa(decodeURIComponent(match[2] ?? ""))}` : undefined,
  };
}

/** Node hides the reason (`ECONNREFUSED`) in the error's cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: unknown };
  if (cause instanceof Error) {
    const { code } = cause as { code?: unknown };
    return typeof code === "string" ? code : cause.message;
  }
  return error.message;
}
