import type { Disk } from "../../disk/index.ts";
import { checksum } from "../../disk/index.ts";
import { damaged } from "./pages.ts";
import type { Tombstone } from "./ports.ts";

/** | "HMS-TMB1" | n | crc32 of n and what follows | n × (ordinal u32, from f64, to f64) | */
const MAGIC = "HMS-TMB1";
const HEADER_BYTES = 16;
const TOMBSTONE_BYTES = 20;
const NAME = /^tombstones-(\d+)$/;

/** The number in the name of a file of tombstones; undefined of another file. */
export function tombstonesNumber(fileName: string): number | undefined {
  const number = NAME.exec(fileName)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Writes all tombstones of a block to a new file, durably; answers its name. */
export async function writeTombstones(
  disk: Disk,
  folder: string,
  tombstones: readonly Tombstone[],
): Promise<string> {
  const numbers = (await disk.list(folder)).map((name) => tombstonesNumber(name) ?? 0);
  const name = `tombstones-${Math.max(0, ...numbers) + 1}`;
  const bytes = new Uint8Array(HEADER_BYTES + tombstones.length * TOMBSTONE_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, tombstones.length, true);
  tombstones.forEach(({ ordinal, fromMs, toMs }, i) => {
    const at = HEADER_BYTES + i * TOMBSTONE_BYTES;
    view.setUint32(at, ordinal, true);
    view.setFloat64(at + 4, fromMs, true);
    view.setFloat64(at + 12, toMs, true);
  });
  view.setUint32(12, checksumOf(bytes), true);
  // Under another name until it is whole: a start takes the highest number for good.
  const unfinished = disk.join(folder, `${name}.tmp`);
  await disk.remove(unfinished).catch(() => {});
  const file = await disk.create(unfinished);
  try {
    await file.append([bytes]);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(unfinished, disk.join(folder, name));
  await disk.syncFolder(folder);
  return name;
}

export async function readTombstones(
  disk: Disk,
  folder: string,
  name: string,
): Promise<readonly Tombstone[]> {
  const file = disk.join(folder, name);
  return parseTombstones(await disk.read(file, 0, await disk.sizeOf(file)), file);
}

/** Throws OPS-1320 if the bytes are not what was written. */
export function parseTombstones(bytes: Uint8Array, file: string): readonly Tombstone[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isWhole =
    bytes.length >= HEADER_BYTES &&
    new TextDecoder().decode(bytes.subarray(0, 8)) === MAGIC &&
    bytes.length === HEADER_BYTES + view.getUint32(8, true) * TOMBSTONE_BYTES &&
    view.getUint32(12, true) === checksumOf(bytes);
  if (!isWhole) throw damaged(file, 0, "its checksum is wrong");
  const tombstones: Tombstone[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += TOMBSTONE_BYTES) {
    const ordinal = view.getUint32(at, true);
    tombstones.push({
      ordinal,
      fromMs: view.getFloat64(at + 4, true),
      toMs: view.getFloat64(at + 12, true),
    });
  }
  return tombstones;
}

/** Of count and tombstones: all but the magic and the checksum itself. */
function checksumOf(bytes: Uint8Array): number {
  const checked = new Uint8Array(bytes.length - 12);
  checked.set(bytes.subarray(8, 12));
  checked.set(bytes.subarray(HEADER_BYTES), 4);
  return checksum(checked);
}
