import type { Transform } from "node:stream";
import { promisify } from "node:util";
import {
  constants,
  createDeflate,
  createGzip,
  createZstdCompress,
  deflate,
  gzip,
  zstdCompress,
} from "node:zlib";
import { OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { MIN_COMPRESSED_BYTES } from "../limits.ts";
import type { HubResponse } from "../ports.ts";
import { writePiece } from "./pieces.ts";

const gzipAsync = promisify(gzip);
const deflateAsync = promisify(deflate);
const zstdAsync = promisify(zstdCompress);
const COMPRESSIBLE = /^(application\/(json|javascript|vnd\.apache\.arrow)|text\/|image\/svg)/;

/** An error in the form that callers of its path expect. */
export function errorAnswer(error: OpsError, path: string): HubResponse {
  if (isPlainTextPath(path)) {
    return text(error.status, `${error.message}\n${error.mend} (${error.code})\n`);
  }
  if (path.startsWith("/api/v1/")) {
    const { message } = error;
    return json(error.status, { status: "error", errorType: errorType(error), error: message });
  }
  if (path.startsWith("/api/ops/")) {
    const { code, message, mend } = error;
    return json(error.status, { code, message, mend });
  }
  return text(error.status, `${error.message}\n${error.mend} (${error.code})\n`);
}

/** Prometheus' words for kinds of errors. */
function errorType({ status, code }: OpsError): string {
  if (status === 404) return "not_found";
  if (status === 422) return "execution";
  if (status === 499) return "canceled";
  if (status === 503) return code === "OPS-1610" ? "timeout" : "unavailable";
  return status >= 500 ? "internal" : "bad_data";
}

const PLAIN_TEXT_PATHS: ReadonlySet<string> = new Set([
  "/api/v1/write",
  "/api/v1/read",
  "/ingest",
  "/query",
]);

/** Senders of samples and `?q=` callers read lines, not JSON. */
function isPlainTextPath(path: string): boolean {
  return PLAIN_TEXT_PATHS.has(path);
}

/** What becomes of an error that is none of ours to explain; the log has it whole. */
export function asOpsError(error: unknown): OpsError {
  if (error instanceof OpsError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new OpsError(HUB_ERRORS.internal, { reason });
}

function json(status: number, value: unknown): HubResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
  };
}

function text(status: number, body: string): HubResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

export interface PackedBody {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding | undefined;
}

/** How a body may be packed; off the main thread, and fast rather than small. */
const ENCODINGS = {
  gzip: (bytes) => gzipAsync(bytes, { level: constants.Z_BEST_SPEED }),
  deflate: (bytes) => deflateAsync(bytes, { level: constants.Z_BEST_SPEED }),
  zstd: (bytes) => zstdAsync(bytes),
} as const satisfies Readonly<Record<string, (bytes: Uint8Array) => Promise<Uint8Array>>>;

type Encoding = keyof typeof ENCODINGS;

/** Compresses where the caller reads it and it is worth it. */
export async function packBody(
  body: string | Uint8Array,
  type: string,
  acceptEncoding: string | undefined,
): Promise<PackedBody> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const isWorthIt = bytes.length >= MIN_COMPRESSED_BYTES && COMPRESSIBLE.test(type);
  const encoding = isWorthIt ? acceptedEncoding(acceptEncoding ?? "") : undefined;
  if (!encoding) return { bytes, encoding };
  return { bytes: await ENCODINGS[encoding](bytes), encoding };
}

/** As `packBody`, of a body whose length is not known. */
export function packStream(
  body: AsyncIterable<Uint8Array>,
  type: string,
  acceptEncoding: string | undefined,
): { readonly body: AsyncIterable<Uint8Array>; readonly encoding: Encoding | undefined } {
  const encoding = COMPRESSIBLE.test(type) ? acceptedEncoding(acceptEncoding ?? "") : undefined;
  if (!encoding) return { body, encoding };
  return { body: packed(body, PACKERS[encoding]()), encoding };
}

const PACKERS = {
  gzip: () => createGzip({ level: constants.Z_BEST_SPEED }),
  deflate: () => createDeflate({ level: constants.Z_BEST_SPEED }),
  zstd: () => createZstdCompress(),
} as const satisfies Readonly<Record<Encoding, () => Transform>>;

async function* packed(
  body: AsyncIterable<Uint8Array>,
  packer: Transform,
): AsyncGenerator<Uint8Array, void> {
  feed(body, packer).catch((error: Error) => packer.destroy(error));
  try {
    for await (const chunk of packer) yield chunk as Uint8Array;
  } finally {
    packer.destroy();
  }
}

async function feed(body: AsyncIterable<Uint8Array>, packer: Transform): Promise<void> {
  for await (const piece of body) {
    if (!(await writePiece(packer, piece)) || packer.destroyed) return;
  }
  packer.end();
}

/** The one with the greatest weight; of equal ones that which is named first. */
function acceptedEncoding(accept: string): Encoding | undefined {
  let best: Encoding | undefined;
  let bestWeight = 0;
  for (const part of accept.split(",")) {
    const [, name = "", weightText = "1"] =
      /^\s*([\w*-]+)\s*(?:;\s*q=([\d.]+)\s*)?$/i.exec(part) ?? [];
    const encoding = name === "*" ? "gzip" : name.toLowerCase();
    const weight = Number(weightText);
    if (!isEncoding(encoding) || !(weight > bestWeight)) continue;
    best = encoding;
    bestWeight = weight;
  }
  return best;
}

function isEncoding(name: string): name is Encoding {
  return Object.hasOwn(ENCODINGS, name);
}
