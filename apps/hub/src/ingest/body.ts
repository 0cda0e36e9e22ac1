import { promisify } from "node:util";
import { gunzip, gunzipSync, inflate, inflateRaw, zstdDecompress } from "node:zlib";
import { giveBack, OpsError } from "@hms-ops/model";
import { uncompressSnappy } from "@hms-ops/wire/snappy";
import { HUB_ERRORS } from "../errors.ts";

/** Whose body it is, for the message when it cannot be unpacked. */
export interface BodyOrigin {
  readonly method: string;
  readonly path: string;
}

/** The most that deflate makes of a byte. */
const DEFLATE_RATIO_MAX = 1_032;
/** Smaller ones Node cuts from memory that others share. */
const CHUNK_BYTES_MIN = Buffer.poolSize + 1;
const gunzipAsync = promisify(gunzip);

type Unpack = (bytes: Uint8Array, maxBytes: number) => Promise<Uint8Array>;

const UNPACKERS: Readonly<Record<string, Unpack>> = {
  gzip: gunzipAtOnce,
  "x-gzip": gunzipAtOnce,
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
    throw explained(error, name, maxBytes, origin);
  }
}

/**
 * As `unpackBody` of gzip, in this thread: a quarter of the work where the thread that reads the
 * body may as well unpack it, and what crosses to it is small. The reader may keep nothing of what
 * it is handed.
 */
export function readGunzipped<Answer>(
  bytes: Uint8Array,
  maxBytes: number,
  origin: BodyOrigin,
  read: (unpacked: Uint8Array) => Answer,
): Answer {
  const options = unpackedAtOnce(bytes, maxBytes);
  const unpacked = gunzipNow(bytes, options, origin);
  try {
    return read(unpacked);
  } finally {
    giveBack(unpacked, options.chunkSize);
  }
}

function gunzipNow(
  bytes: Uint8Array,
  options: ReturnType<typeof unpackedAtOnce>,
  origin: BodyOrigin,
): Uint8Array {
  try {
    return gunzipSync(bytes, options);
  } catch (error) {
    throw explained(error, "gzip", options.maxOutputLength, origin);
  }
}

async function gunzipAtOnce(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  return await gunzipAsync(bytes, unpackedAtOnce(bytes, maxBytes));
}

/**
 * Room for all of it and one byte more, so that it is done in one go: gzip ends with the size of
 * what it packed. That may be a lie, and then it takes several goes.
 */
function unpackedAtOnce(bytes: Uint8Array, maxBytes: number) {
  const { buffer, byteOffset, length } = bytes;
  const said = length < 4 ? 0 : new DataView(buffer, byteOffset).getUint32(length - 4, true);
  const most = Math.min(maxBytes, length * DEFLATE_RATIO_MAX);
  const chunkSize = Math.max(CHUNK_BYTES_MIN, Math.min(said, most) + 1);
  return { maxOutputLength: maxBytes, chunkSize };
}

function explained(
  error: unknown,
  encoding: string,
  maxBytes: number,
  origin: BodyOrigin,
): OpsError {
  if (error instanceof OpsError) return error;
  const { code, message: reason } = error as NodeJS.ErrnoException;
  if (code === "ERR_BUFFER_TOO_LARGE") return tooLarge(origin, maxBytes);
  return new OpsError(HUB_ERRORS.unreadableBody, { path: origin.path, encoding, reason });
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
