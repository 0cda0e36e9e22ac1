import { existsSync } from "node:fs";
import { UNLIMITED_BUDGET } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { openMemoryStore } from "@hms-ops/stores/memory";
import { expect, test, vi } from "vitest";
import { ExpositionIngest } from "../../ingest/index.ts";
import type { IngestService } from "../../ports.ts";
import { HOST_METRIC_NAMES, HostJob, type Reading } from "./index.ts";
import {
  readDisks,
  readLoad,
  readMemory,
  readMounts,
  readNetwork,
  readStat,
} from "./proc-files.ts";

const shown = (readings: readonly Reading[]) =>
  readings.map(({ name, labels, value }) => `${name}${JSON.stringify(labels)} ${value}`);

test("processor, load and memory are read from /proc", () => {
  const stat = "cpu  4 4 4 4\ncpu0 4146 33 2102 595326 65 1 125 2 0 0\nbtime 1700000000\nctxt 1\n";
  expect(shown(readStat(stat))).toEqual([
    'node_cpu_seconds_total{"cpu":"0","mode":"user"} 41.46',
    'node_cpu_seconds_total{"cpu":"0","mode":"nice"} 0.33',
    'node_cpu_seconds_total{"cpu":"0","mode":"system"} 21.02',
    'node_cpu_seconds_total{"cpu":"0","mode":"idle"} 5953.26',
    'node_cpu_seconds_total{"cpu":"0","mode":"iowait"} 0.65',
    'node_cpu_seconds_total{"cpu":"0","mode":"irq"} 0.01',
    'node_cpu_seconds_total{"cpu":"0","mode":"softirq"} 1.25',
    'node_cpu_seconds_total{"cpu":"0","mode":"steal"} 0.02',
    "node_boot_time_seconds{} 1700000000",
  ]);
  expect(shown(readLoad("0.26 0.19 0.08 2/120 21725\n"))).toEqual([
    "node_load1{} 0.26",
    "node_load5{} 0.19",
    "node_load15{} 0.08",
  ]);
  expect(shown(readMemory("MemTotal:       2048 kB\nHugePages_Total:       0\n"))).toEqual([
    "node_memory_MemTotal_bytes{} 2097152",
  ]);
});

test("network and disks are read from /proc, partitions and memory disks aside", () => {
  const net = "Inter-| Receive\n face |bytes\n  eth0: 10 2 3 4 0 0 0 0 20 6 7 8 0 0 0 0\n";
  expect(shown(readNetwork(net))).toEqual([
    'node_network_receive_bytes_total{"device":"eth0"} 10',
    'node_network_receive_errs_total{"device":"eth0"} 3',
    'node_network_receive_drop_total{"device":"eth0"} 4',
    'node_network_transmit_bytes_total{"device":"eth0"} 20',
    'node_network_transmit_errs_total{"device":"eth0"} 7',
    'node_network_transmit_drop_total{"device":"eth0"} 8',
  ]);
  const disks = ["sda", "sda1", "loop0", "nvme0n1", "nvme0n1p2"].map(
    (name, i) => `   8       ${i} ${name} 1 0 100 0 2 0 200 0 0 1500 0 0`,
  );
  expect(shown(readDisks(disks.join("\n")))).toEqual([
    'node_disk_read_bytes_total{"device":"sda"} 51200',
    'node_disk_written_bytes_total{"device":"sda"} 102400',
    'node_disk_io_time_seconds_total{"device":"sda"} 1.5',
    'node_disk_read_bytes_total{"device":"nvme0n1"} 51200',
    'node_disk_written_bytes_total{"device":"nvme0n1"} 102400',
    'node_disk_io_time_seconds_total{"device":"nvme0n1"} 1.5',
  ]);
});

test("file systems with data are listed once, escaped names undone", () => {
  const mounts = [
    "proc /proc proc rw 0 0",
    "/dev/sda1 / ext4 rw 0 0",
    "/dev/sda1 /var/bind ext4 rw 0 0",
    "/dev/sdb1 /mnt/My\\040Disk xfs rw 0 0",
    "server:/x /nfs nfs4 rw 0 0",
    "tmpfs /tmp tmpfs rw 0 0",
  ];
  expect(readMounts(mounts.join("\n"))).toEqual([
    { device: "/dev/sda1", mountpoint: "/", fstype: "ext4" },
    { device: "/dev/sdb1", mountpoint: "/mnt/My Disk", fstype: "xfs" },
  ]);
});

test("this machine's figures are stored every 15 s with job host, types and help", async () => {
  const clock = new FakeClock(1_700_000_001_000);
  const store = openMemoryStore();
  const ingest = new ExpositionIngest(store);
  const exposition: IngestService["exposition"] = async (body, options) =>
    await ingest.accept(body, options);
  const log = { info: () => {}, warn: vi.fn(), error: () => {} };
  const services = { clock, log, ingest: { exposition } as IngestService };
  const job = new HostJob(services, { instance: "ops-1" });
  const request = (name: string) => ({
    matcherSets: [[{ name: "__name__", operator: "=" as const, value: name }]],
    range: { fromMs: 0, toMs: clock.now() + 60_000 },
    budget: UNLIMITED_BUDGET,
  });
  await job.start();
  const names = ["up", "node_memory_MemAvailable_bytes", "node_filesystem_avail_bytes"];
  await vi.waitFor(async () => {
    expect(await store.series(request("up"))).toHaveLength(1);
  });
  for (const name of names) {
    const [labels = []] = await store.series(request(name));
    expect(labels).toContain("host");
    expect(labels).toContain("ops-1");
  }
  const before = (await store.stats()).sampleCount;
  await clock.advance(15_000);
  await vi.waitFor(async () => {
    expect((await store.stats()).sampleCount).toBeGreaterThan(before);
  });
  expect(ingest.metadata().get("node_load1")?.type).toBe("gauge");
  expect(log.warn).not.toHaveBeenCalled();
  await job.stop();
  expect(HOST_METRIC_NAMES.every((name) => name.startsWith("node_"))).toBe(true);
  if (existsSync("/proc/stat")) expect(ingest.metadata().has("node_cpu_seconds_total")).toBe(true);
});
