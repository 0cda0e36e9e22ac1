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
export type { SharedMemory } from "./shared.ts";
