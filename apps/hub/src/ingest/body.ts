import { promisify } from "node:util";
import { gunzip, inflate, inflateRaw, zstdDecompress } from "node:zlib";
import { OpsError } from "@hms-ops/model";
import { uncompressSnappy } from "@hms-ops/wire/snappy";
import { HUB_ERRORS } from "../errors.ts";

/** Whose body it is, for the message when it cannot be unpacked. */
export interface BodyOrigin {
  readonly method: string;
  readonly path: string;
}

type Unpack = (bytes: Uint8Array, maxBytes: number) => Promise<Uint8Array>;

const UNPACKERS: Readonly<Record<string, Unpack>> = {
  gzip: bounded(promisify(gunzip)),
  "x-gzip": bounded(promisify(gunzip)),
  deflate: async (bytes, maxBytes) =>
    await bounded(promisify(hasZlibHeader(bytes) ? inflate : inflateRaw))(bytes, maxBytes),
  zstd: bounded(promisify(zstdDecompress)),
  snappy: async (bytes, maxBytes) => uncompressSnappy(bytes, maxBytes),
};

/**
 * Undoes the Content-Encoding of a body, at most maxBytes long. Throws an OpsError: 413 beyond the
 * bound, 400 when the bytes are damaged, 415 for an encoding that nobody here knows.
 */
export async function unpackBody(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: string | undefined,
  maxBytes: number,
  origin: BodyOrigin,
): Promise<Uint8Array<ArrayBuffer>> {
  const name = (encoding ?? "").trim().toLowerCase();
  if (name === "" || name === "identity") {
    if (bytes.length > maxBytes) throw tooLarge(origin, maxBytes);
    return bytes;
  }
  const unpack = UNPACKERS[name];
  if (!unpack) {
    const wanted = `Use one of: ${Object.keys(UNPACKERS).join(", ")}, identity.`;
    throw new OpsError(HUB_ERRORS.unsupportedEncoding, { path: origin.path, found: name, wanted });
  }
  try {
    return ownCopy(await unpack(bytes, maxBytes));
  } catch (error) {
    if (error instanceof OpsError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(origin, maxBytes);
    const reason = message;
    throw new OpsError(HUB_ERRORS.unreadableBody, { path: origin.path, encoding: name, reason });
  }
}

function bounded(
  unpack: (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>,
): Unpack {
  return async (bytes, maxBytes) => await unpack(bytes, { maxOutputLength: maxBytes });
}

function tooLarge({ method, path }: BodyOrigin, limit: number): OpsError {
  return new OpsError(HUB_ERRORS.bodyTooLarge, { method, path, limit });
}

/** Some senders mean raw deflate: the two bytes of a zlib header tell. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  return (first & 15) === 8 && ((first << 8) | second) % 31 === 0;
}

/** Node hands out views of shared pools; one of its own can be transferred to a thread. */
function ownCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length) {
    return new Uint8Array(buffer);
  }
  return new Uint8Array(bytes);
}
