import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { copyFile, link as hardLink, open, readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Disk, type DiskFile, type DiskReader, isAbsence } from "./disk.ts";
import { makeFolder, syncFolder } from "./folders.ts";
import { removeFile, removeTree } from "./removal.ts";

/** The machine's own file system. */
export function openNodeDisk(): Disk {
  return {
    makeFolder: (path) => makeFolder(path),
    list,
    sizeOf,
    read,
    create,
    truncate,
    renewEnd,
    rename,
    remove: removeFile,
    removeFolder: removeTree,
    link,
    open: openReader,
    syncFolder,
    join,
  };
}

async function list(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}

async function read(path: string, from: number, length: number) {
  const file = await open(path, "r");
  try {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, from + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}

async function create(path: string): Promise<DiskFile> {
  const file = await open(path, "ax", 0o600);
  return {
    append: async (parts) => {
      let wantedBytes = 0;
      for (const part of parts) wantedBytes += part.length;
      const { bytesWritten } = await file.writev([...parts]);
      if (bytesWritten === wantedBytes) return;
      await appendRest(parts, bytesWritten, async (rest) => (await file.write(rest)).bytesWritten);
    },
    sync: () => file.datasync(),
    close: () => file.close(),
  };
}

/** What a short write left over. */
async function appendRest(
  parts: readonly Uint8Array[],
  writtenBytes: number,
  write: (rest: Uint8Array) => Promise<number>,
): Promise<void> {
  let skip = writtenBytes;
  for (const part of parts) {
    let from = Math.min(skip, part.length);
    skip -= from;
    while (from < part.length) from += await write(part.subarray(from));
  }
}

async function truncate(path: string, sizeBytes: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.truncate(sizeBytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function renewEnd(path: string, from: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "r+");
  try {
    let written = 0;
    while (written < bytes.length) {
      const rest = bytes.subarray(written);
      written += (await file.write(rest, 0, rest.length, from + written)).bytesWritten;
    }
    await file.truncate(from + bytes.length);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function link(path: string, secondPath: string): Promise<void> {
  try {
    await hardLink(path, secondPath);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EXDEV" && code !== "EPERM" && code !== "ENOTSUP" && code !== "EMLINK")
      throw error;
    await copyFile(path, secondPath);
  }
}

function openReader(path: string): DiskReader {
  const descriptor = openSync(path, "r");
  const sizeBytes = fstatSync(descriptor).size;
  let isOpen = true;
  return {
    sizeBytes,
    readInto: (bytes, from) => {
      let filled = 0;
      while (filled < bytes.length) {
        const read = readSync(descriptor, bytes, filled, bytes.length - filled, from + filled);
        if (read === 0) break;
        filled += read;
      }
      return filled;
    },
    close: () => {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}
