export type {
  IndexNews,
  PinLink,
  PinReply,
  PinRequest,
  Recovery,
  SlabCounts,
  SlabKind,
  Tsdb,
  TsdbHandles,
  TsdbOptions,
  TsdbReader,
  TsdbWriter,
} from "./ports.ts";
export { openReader } from "./read/reader.ts";
export type { SharedMemory } from "./shared.ts";
export { directLink, openTsdb } from "./tsdb.ts";
export { openWriter } from "./writer.ts";
