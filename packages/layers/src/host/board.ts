import type { Board } from "@hms-ops/model";

/** File systems that hold data; memory and images say nothing about a disk. */
const REAL = 'fstype!~"tmpfs|ramfs|squashfs|overlay|iso9660"';
const DISK_USED = `1 - node_filesystem_avail_bytes{${REAL}} / node_filesystem_size_bytes{${REAL}}`;
const MEMORY_USED = "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes";

/** The machines: processors, memory, disks, network. */
export const hostBoard: Board = {
  uid: "host",
  title: "Machines",
  description: "Processors, memory, disks and network of every machine that tells of itself.",
  tags: ["host"],
  from: "now-1h",
  to: "now",
  refresh: "15s",
  bannerAlerts: ["DiskAlmostFull"],
  panels: [
    {
      id: 1,
      title: "CPU",
      kind: "stat",
      grid: { x: 0, y: 0, w: 6, h: 4 },
      queries: [{ expr: cpuBusy("5m"), legend: "{{instance}}" }],
      unit: "share",
      limits: [{ value: 0.9, state: "warn", label: "limit 90 %" }],
    },
    {
      id: 2,
      title: "Memory",
      kind: "stat",
      grid: { x: 6, y: 0, w: 6, h: 4 },
      queries: [{ expr: MEMORY_USED, legend: "{{instance}}" }],
      unit: "share",
      limits: [{ value: 0.95, state: "warn", label: "limit 95 %" }],
    },
    {
      id: 3,
      title: "Fullest disk",
      kind: "stat",
      grid: { x: 12, y: 0, w: 6, h: 4 },
      queries: [{ expr: `max by (instance) (${DISK_USED})`, legend: "{{instance}}" }],
      unit: "share",
      limits: [{ value: 0.9, state: "crit", label: "limit 90 %" }],
    },
    {
      id: 4,
      title: "Load",
      description: "Processes that run or wait, for each processor.",
      kind: "stat",
      grid: { x: 18, y: 0, w: 6, h: 4 },
      queries: [
        {
          expr: 'node_load1 / on (instance) count by (instance) (node_cpu_seconds_total{mode="idle"})',
          legend: "{{instance}}",
        },
      ],
      unit: "none",
    },
    {
      id: 5,
      title: "CPU",
      kind: "timeseries",
      grid: { x: 0, y: 4, w: 12, h: 8 },
      queries: [{ expr: cpuBusy("$__rate_interval"), legend: "{{instance}}" }],
      unit: "share",
      limits: [{ value: 0.9, state: "warn", label: "limit 90 %" }],
      min: 0,
    },
    {
      id: 6,
      title: "Memory",
      kind: "timeseries",
      grid: { x: 12, y: 4, w: 12, h: 8 },
      queries: [{ expr: MEMORY_USED, legend: "{{instance}}" }],
      unit: "share",
      limits: [{ value: 0.95, state: "warn", label: "limit 95 %" }],
      min: 0,
    },
    {
      id: 7,
      title: "Disk space used",
      kind: "timeseries",
      grid: { x: 0, y: 12, w: 12, h: 7 },
      queries: [{ expr: DISK_USED, legend: "{{instance}} {{mountpoint}}" }],
      unit: "share",
      limits: [{ value: 0.9, state: "crit", label: "limit 90 %" }],
      min: 0,
    },
    {
      id: 8,
      title: "Network",
      kind: "timeseries",
      grid: { x: 12, y: 12, w: 12, h: 7 },
      queries: [
        { expr: network("receive"), legend: "in", color: "s1" },
        { expr: network("transmit"), legend: "out", color: "s4" },
      ],
      unit: "bytes-per-second",
      min: 0,
    },
    {
      id: 9,
      title: "Disk traffic",
      kind: "timeseries",
      grid: { x: 0, y: 19, w: 24, h: 6 },
      queries: [
        {
          expr: "sum(rate(node_disk_read_bytes_total[$__rate_interval]))",
          legend: "read",
          color: "s1",
        },
        {
          expr: "sum(rate(node_disk_written_bytes_total[$__rate_interval]))",
          legend: "written",
          color: "s4",
        },
      ],
      unit: "bytes-per-second",
      min: 0,
    },
  ],
};

function cpuBusy(window: string): string {
  return `1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[${window}]))`;
}

function network(direction: "receive" | "transmit"): string {
  return `sum(rate(node_network_${direction}_bytes_total{device!="lo"}[$__rate_interval]))`;
}
