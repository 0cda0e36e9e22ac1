import { checksum, type DiskReader } from "../../disk/index.ts";
import { MAGIC_BYTES, TRAILER_BYTES } from "./layout.ts";
import { damaged, type PageTable, readPage } from "./pages.ts";

/** The last bytes of a file whose last page, its directory, stands at [offset, length]. */
export function trailerOf([offset = 0, length = 0]: PageTable): Uint8Array {
  const bytes = new Uint8Array(TRAILER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, offset, true);
  view.setUint32(8, length, true);
  view.setUint32(12, checksum(bytes.subarray(0, 12)), true);
  return bytes;
}

/** The directory to which a file's trailer leads, as it was written. Throws OPS-1320. */
export function readDirectory(file: DiskReader, name: string, magic: string): unknown {
  const decoder = new TextDecoder();
  const begin = new Uint8Array(MAGIC_BYTES);
  file.readInto(begin, 0);
  if (decoder.decode(begin) !== magic) throw damaged(name, 0, `it does not begin with ${magic}`);
  const trailer = new Uint8Array(TRAILER_BYTES);
  const at = file.sizeBytes - TRAILER_BYTES;
  if (at < MAGIC_BYTES || file.readInto(trailer, at) < TRAILER_BYTES) {
    throw damaged(name, 0, "it ends early");
  }
  const view = new DataView(trailer.buffer);
  if (checksum(trailer.subarray(0, 12)) !== view.getUint32(12, true)) {
    throw damaged(name, at, "the checksum of its trailer is wrong");
  }
  const table = [view.getFloat64(0, true), view.getUint32(8, true)];
  return JSON.parse(decoder.decode(readPage(file, name, table, 0)));
}
