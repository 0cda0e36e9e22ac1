export {
  type DiskCall,
  type DiskCallKind,
  type DiskFate,
  SimulatedDisk,
  type SimulatedDiskOptions,
} from "./simulated-disk.ts";
