import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import type { AuthClass } from "../ports.ts";

/** Names under which a hub on this machine is called; everything else may be DNS rebinding. */
const LOOPBACK_NAMES: readonly string[] = ["localhost", "127.0.0.1", "[::1]", "ops.local"];

export interface GuardOptions {
  /** Empty = no login. */
  readonly token: string;
  /** The hub listens beyond loopback: addresses and these names are answered as well. */
  readonly beyondLoopback: boolean;
  readonly ownNames: readonly string[];
}

export interface GuardedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * Keeps out what a web page could send without its user's will (DNS rebinding: `Host`; cross-site
 * requests: `Origin`, `Sec-Fetch-*`) and, where a token is set, whoever lacks it.
 */
export class Guard {
  readonly #tokenDigest: Buffer | undefined;
  readonly #names: ReadonlySet<string>;
  readonly #beyondLoopback: boolean;

  constructor({ token, beyondLoopback, ownNames }: GuardOptions) {
    this.#tokenDigest = token === "" ? undefined : digest(token);
    this.#names = new Set([...LOOPBACK_NAMES, ...ownNames.map((name) => name.toLowerCase())]);
    this.#beyondLoopback = beyondLoopback;
  }

  /** Undefined = let in. */
  check(request: GuardedRequest, auth: AuthClass): OpsError | undefined {
    const carriesToken = this.#carriesToken(request.headers.authorization);
    return (
      (carriesToken ? undefined : this.#checkHost(request)) ??
      this.#checkOrigin(request) ??
      (this.#tokenDigest && !carriesToken && auth !== "public" ? tokenRefusal(request) : undefined)
    );
  }

  #checkHost({ headers }: GuardedRequest): OpsError | undefined {
    const name = hostName(headers.host);
    // A request without the header is HTTP/1.0: no browser sends it.
    if (name === undefined || this.#names.has(name)) return undefined;
    // An address can't be rebound, only a name can.
    if (this.#beyondLoopback && isIP(name.replace(/^\[|\]$/g, "")) !== 0) return undefined;
    return new OpsError(HUB_ERRORS.hostRefused, { host: name });
  }

  #checkOrigin({ method, headers }: GuardedRequest): OpsError | undefined {
    const { origin, host } = headers;
    const site = headers["sec-fetch-site"];
    if (origin !== undefined && hostOfOrigin(origin) !== host?.toLowerCase()) {
      return new OpsError(HUB_ERRORS.originRefused, { origin });
    }
    if (site === undefined || site === "same-origin" || site === "none") return undefined;
    // A link on another page may open ours; nothing more.
    const opensPage =
      method === "GET" &&
      headers["sec-fetch-mode"] === "navigate" &&
      headers["sec-fetch-dest"] === "document";
    return opensPage ? undefined : new OpsError(HUB_ERRORS.originRefused, { origin: site });
  }

  #carriesToken(authorization: string | undefined): boolean {
    if (this.#tokenDigest === undefined || authorization === undefined) return false;
    const [scheme = "", value = ""] = authorization.split(" ", 2);
    if (/^bearer$/i.test(scheme)) return this.#isToken(value);
    // `http://user:token@host` and the browser's own dialogue.
    if (!/^basic$/i.test(scheme)) return false;
    const [, password = ""] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, "base64").toString()) ?? [];
    return this.#isToken(password);
  }

  #isToken(text: string): boolean {
    // Digests have one length, so the comparison says nothing about the token.
    return this.#tokenDigest !== undefined && timingSafeEqual(digest(text), this.#tokenDigest);
  }
}

function tokenRefusal({ method, path, headers }: GuardedRequest): OpsError {
  const sent = headers.authorization !== undefined;
  const given = sent ? ": the token that was sent is not the hub's" : "";
  return new OpsError(HUB_ERRORS.tokenRequired, { method, path, given });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** `localhost:9090` -> `localhost`, `[::1]:9090` -> `[::1]`. */
function hostName(host: string | undefined): string | undefined {
  if (host === undefined || host === "") return undefined;
  return host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}

function hostOfOrigin(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase())?.[1];
}
