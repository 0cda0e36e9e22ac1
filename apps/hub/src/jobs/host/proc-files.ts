import type { Reading } from "./families.ts";

/** Linux tells processor times in ticks of 1/100 s on every machine. */
const TICKS_PER_SECOND = 100;
/** Of /proc/diskstats, whatever the disk's own is. */
const SECTOR_BYTES = 512;

const CPU_MODES = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];

/** /proc/stat */
export function readStat(text: string): readonly Reading[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", ...fields] = line.split(/\s+/);
    if (name === "btime") return [reading("node_boot_time_seconds", Number(fields[0]))];
    const cpu = /^cpu(\d+)$/.exec(name)?.[1];
    if (cpu === undefined) return [];
    return CPU_MODES.map((mode, i) =>
      reading("node_cpu_seconds_total", Number(fields[i] ?? 0) / TICKS_PER_SECOND, { cpu, mode }),
    );
  });
}

/** /proc/loadavg */
export function readLoad(text: string): readonly Reading[] {
  const [one, five, fifteen] = text.split(" ").map(Number);
  return [
    reading("node_load1", one ?? Number.NaN),
    reading("node_load5", five ?? Number.NaN),
    reading("node_load15", fifteen ?? Number.NaN),
  ];
}

/** /proc/meminfo; the caller's table decides which lines are told. */
export function readMemory(text: string): readonly Reading[] {
  return text.split("\n").flatMap((line) => {
    const match = /^(\w+):\s+(\d+) kB$/.exec(line);
    return match ? [reading(`node_memory_${match[1]}_bytes`, Number(match[2]) * 1_024)] : [];
  });
}

/** /proc/net/dev */
export function readNetwork(text: string): readonly Reading[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*([^:\s]+):\s*(.*)$/.exec(line);
    if (!match) return [];
    const device = match[1] ?? "";
    const fields = (match[2] ?? "").split(/\s+/).map(Number);
    const field = (name: string, index: number) =>
      reading(`node_network_${name}_total`, fields[index] ?? Number.NaN, { device });
    return [
      field("receive_bytes", 0),
      field("receive_errs", 2),
      field("receive_drop", 3),
      field("transmit_bytes", 8),
      field("transmit_errs", 10),
      field("transmit_drop", 11),
    ];
  });
}

const NO_DISK = /^(ram|loop|fd|z?ram)\d+$|^((h|s|v|xv)d[a-z]|nvme\d+n\d+p|mmcblk\d+p)\d+$/;

/** /proc/diskstats, without partitions and disks in memory. */
export function readDisks(text: string): readonly Reading[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const device = fields[2] ?? "";
    if (device === "" || NO_DISK.test(device)) return [];
    const field = (index: number) => Number(fields[index] ?? Number.NaN);
    return [
      reading("node_disk_read_bytes_total", field(5) * SECTOR_BYTES, { device }),
      reading("node_disk_written_bytes_total", field(9) * SECTOR_BYTES, { device }),
      reading("node_disk_io_time_seconds_total", field(12) / 1_000, { device }),
    ];
  });
}

export interface Mount {
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: string;
}

const REAL_FILE_SYSTEMS = new Set(
  "ext2 ext3 ext4 xfs btrfs zfs f2fs jfs reiserfs bcachefs vfat exfat ntfs ntfs3 hfsplus apfs overlay".split(
    " ",
  ),
);
const HIDDEN_MOUNTPOINTS = /^\/(dev|proc|sys|run\/credentials|var\/lib\/(docker|containers))($|\/)/;

/**
 * /proc/mounts: file systems that keep data on this machine. Those of a network are left out:
 * asking a server that is gone for its free space can hang.
 */
export function readMounts(text: string): readonly Mount[] {
  const byDevice = new Map<string, Mount>();
  for (const line of text.split("\n")) {
    const [device = "", written = "", fstype = ""] = line.split(" ");
    const mountpoint = written.replace(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    if (!REAL_FILE_SYSTEMS.has(fstype) || HIDDEN_MOUNTPOINTS.test(mountpoint)) continue;
    // Binds of one file system would tell the same space several times.
    const key = fstype === "overlay" ? mountpoint : device;
    if (!byDevice.has(key)) byDevice.set(key, { device, mountpoint, fstype });
  }
  return [...byDevice.values()];
}

function reading(
  name: string,
  value: number,
  labels: Readonly<Record<string, string>> = {},
): Reading {
  return { name, labels, value };
}
