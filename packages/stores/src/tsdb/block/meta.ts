import { OpsError } from "@hms-ops/model";
import { checksum, type Disk, isAbsence } from "../../disk/index.ts";
import { STORE_ERRORS } from "../../errors.ts";
import { damaged } from "./pages.ts";
import type { BlockMeta } from "./ports.ts";

export const BLOCK_VERSION = 1;
export const META_FILE = "meta.json";
const META_BYTES_MAX = 16 * 1024 * 1024;

/** `00000012-1700000000000-1700007199999` */
export function blockName(number: number, fromMs: number, toMs: number): string {
  return `${String(number).padStart(8, "0")}-${fromMs}-${toMs}`;
}

/** The file's text: the checksum is of the text behind it. */
export function metaText(meta: BlockMeta): string {
  const body = JSON.stringify({ version: BLOCK_VERSION, ...meta });
  const crc32 = checksum(new TextEncoder().encode(body));
  return `{"crc32":${crc32},"block":${body}}\n`;
}

/** Throws OPS-1320 if it is absent or not what was written, OPS-1305 if it is of a newer version. */
export async function readBlockMeta(disk: Disk, folder: string): Promise<BlockMeta> {
  const file = disk.join(folder, META_FILE);
  const text = await readText(disk, file);
  return parseMeta(text, file);
}

async function readText(disk: Disk, file: string): Promise<string> {
  try {
    const sizeBytes = Math.min(await disk.sizeOf(file), META_BYTES_MAX);
    return new TextDecoder().decode(await disk.read(file, 0, sizeBytes));
  } catch (error) {
    throw isAbsence(error) ? damaged(file, 0, "it is not there") : error;
  }
}

function parseMeta(text: string, file: string): BlockMeta {
  const found = /^\{"crc32":(\d+),"block":(\{.*\})\}\n$/s.exec(text);
  const body = found?.[2] ?? "";
  if (!found || checksum(new TextEncoder().encode(body)) !== Number(found[1])) {
    throw damaged(file, 0, "its checksum is wrong");
  }
  const { version, ...meta } = JSON.parse(body) as BlockMeta & { version: number };
  if (version > BLOCK_VERSION) {
    throw new OpsError(STORE_ERRORS.newerFormat, { file, version, known: BLOCK_VERSION });
  }
  return meta;
}
