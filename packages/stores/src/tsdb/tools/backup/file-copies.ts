import { checksum, type Disk } from "../../../disk/index.ts";

/** A file of a backup. */
export interface CopiedFile {
  /** Below the backup's folder, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** CRC-32 of each PIECE_BYTES of it. */
  readonly crc32: readonly number[];
}

const PIECE_BYTES = 4 * 1024 * 1024;

/** Copies a file durably; the folder's own sync is the caller's. Answers what was read. */
export async function copyFile(
  disk: Disk,
  from: string,
  to: string,
): Promise<Omit<CopiedFile, "path">> {
  const file = await disk.create(to);
  const crc32: number[] = [];
  let sizeBytes = 0;
  try {
    for await (const piece of pieces(disk, from)) {
      await file.append([piece]);
      crc32.push(checksum(piece));
      sizeBytes += piece.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sizeBytes, crc32 };
}

export async function checkFile(disk: Disk, path: string): Promise<Omit<CopiedFile, "path">> {
  const crc32: number[] = [];
  let sizeBytes = 0;
  for await (const piece of pieces(disk, path)) {
    crc32.push(checksum(piece));
    sizeBytes += piece.length;
  }
  return { sizeBytes, crc32 };
}

export function isSameContent(a: Omit<CopiedFile, "path">, b: Omit<CopiedFile, "path">): boolean {
  const isAsLong = a.sizeBytes === b.sizeBytes && a.crc32.length === b.crc32.length;
  return isAsLong && a.crc32.every((crc, i) => crc === b.crc32[i]);
}

async function* pieces(disk: Disk, path: string): AsyncGenerator<Uint8Array> {
  const sizeBytes = await disk.sizeOf(path);
  for (let at = 0; at < sizeBytes; at += PIECE_BYTES) {
    yield await disk.read(path, at, Math.min(PIECE_BYTES, sizeBytes - at));
  }
}

export function joinPath(disk: Disk, folder: string, path: string): string {
  return path.split("/").reduce((above, name) => disk.join(above, name), folder);
}

export async function writeFile(disk: Disk, path: string, text: string): Promise<void> {
  const file = await disk.create(path);
  try {
    await file.append([new TextEncoder().encode(text)]);
    await file.sync();
  } finally {
    await file.close();
  }
}
