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
import { MIN_COMPRESSED_BYTES } from "../limits.ts";
import { writePiece } from "./pieces.ts";

const gzipAsync = promisify(gzip);
const deflateAsync = promisify(deflate);
const zstdAsync = promisify(zstdCompress);
const COMPRESSIBLE = /^(application\/(json|javascript|vnd\.apache\.arrow)|text\/|image\/svg)/;

/** How a body may be packed; off the main thread, and fast rather than small. */
const ENCODINGS = {
  gzip: (bytes) => gzipAsync(bytes, { level: constants.Z_BEST_SPEED }),
  deflate: (bytes) => deflateAsync(bytes, { level: constants.Z_BEST_SPEED }),
  zstd: (bytes) => zstdAsync(bytes),
} as const satisfies Readonly<Record<string, (bytes: Uint8Array) => Promise<Uint8Array>>>;

export type Encoding = keyof typeof ENCODINGS;

/** Undefined where the caller reads none, or packing is not worth it. */
export function chooseEncoding(
  type: string,
  length: number,
  acceptEncoding: string | undefined,
): Encoding | undefined {
  const isWorthIt = length >= MIN_COMPRESSED_BYTES && COMPRESSIBLE.test(type);
  return isWorthIt ? acceptedEncoding(acceptEncoding ?? "") : undefined;
}

export async function packBody(body: string | Uint8Array, encoding: Encoding): Promise<Uint8Array> {
  return await ENCODINGS[encoding](typeof body === "string" ? Buffer.from(body) : body);
}

/** As `packBody`, of a body whose length is not known. */
export async function* packStream(
  body: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<Uint8Array, void> {
  const packer = PACKERS[encoding]();
  feed(body, packer).catch((error: Error) => packer.destroy(error));
  try {
    for await (const chunk of packer) yield chunk as Uint8Array;
  } finally {
    packer.destroy();
  }
}

const PACKERS = {
  gzip: () => createGzip({ level: constants.Z_BEST_SPEED }),
  deflate: () => createDeflate({ level: constants.Z_BEST_SPEED }),
  zstd: () => createZstdCompress(),
} as const satisfies Readonly<Record<Encoding, () => Transform>>;

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
