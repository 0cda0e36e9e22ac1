export { type BlockOnDisk, openBlock } from "./block-reader.ts";
export { type BlockFolders, createBlock } from "./block-writer.ts";
export { BLOCK_VERSION, readBlockMeta } from "./meta.ts";
export { PageCache } from "./page-cache.ts";
export { isDamage } from "./pages.ts";
export type {
  Block,
  BlockMeta,
  BlockPlan,
  BlockWriter,
  Tombstone,
} from "./ports.ts";
export { readTombstones, tombstonesNumber, writeTombstones } from "./tombstones.ts";
