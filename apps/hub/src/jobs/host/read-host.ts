import { readFile, statfs } from "node:fs/promises";
import { cpus, freemem, loadavg, totalmem } from "node:os";
import type { Reading } from "./families.ts";
import {
  type Mount,
  readDisks,
  readLoad,
  readMemory,
  readMounts,
  readNetwork,
  readStat,
} from "./proc-files.ts";

/** Reads the machine: /proc where there is one, else what Node knows of the system. */
export async function readHost(): Promise<readonly Reading[]> {
  const stat = await procFile("stat");
  const readings = stat === undefined ? readFromNode() : [...readStat(stat), ...(await readProc())];
  return [...readings, ...(await readFileSystems())];
}

async function procFile(name: string): Promise<string | undefined> {
  return await readFile(`/proc/${name}`, "utf8").catch(() => undefined);
}

async function readProc(): Promise<readonly Reading[]> {
  const [load, memory, network, disks] = await Promise.all([
    procFile("loadavg"),
    procFile("meminfo"),
    procFile("net/dev"),
    procFile("diskstats"),
  ]);
  return [
    ...(load === undefined ? [] : readLoad(load)),
    ...(memory === undefined ? [] : readMemory(memory)),
    ...(network === undefined ? [] : readNetwork(network)),
    ...(disks === undefined ? [] : readDisks(disks)),
  ];
}

function readFromNode(): readonly Reading[] {
  const cores = cpus().flatMap(({ times }, cpu) =>
    Object.entries({ ...times, system: times.sys, sys: Number.NaN }).map(([mode, spentMs]) => ({
      name: "node_cpu_seconds_total",
      labels: { cpu: String(cpu), mode },
      value: spentMs / 1_000,
    })),
  );
  const plain = (name: string, value: number): Reading => ({ name, labels: {}, value });
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return [
    ...cores,
    plain("node_load1", one),
    plain("node_load5", five),
    plain("node_load15", fifteen),
    plain("node_memory_MemTotal_bytes", totalmem()),
    plain("node_memory_MemFree_bytes", freemem()),
    plain("node_memory_MemAvailable_bytes", process.availableMemory()),
  ];
}

async function readFileSystems(): Promise<readonly Reading[]> {
  const text = await procFile("mounts");
  const root: Mount = { device: "root", mountpoint: "/", fstype: "unknown" };
  const known = text === undefined ? [] : readMounts(text);
  // Whatever carries it (a container's layers, a virtual disk), the root's space is told.
  const hasRoot = known.some(({ mountpoint }) => mountpoint === "/");
  const mounts = hasRoot ? known : [root, ...known];
  const read = await Promise.all(mounts.map(async (mount) => await readSpace(mount)));
  return read.flat();
}

async function readSpace({ device, mountpoint, fstype }: Mount): Promise<readonly Reading[]> {
  const space = await statfs(mountpoint).catch(() => undefined);
  if (space === undefined) return [];
  const labels = { device, mountpoint, fstype };
  const part = (name: string, blocks: number): Reading => {
    return { name: `node_filesystem_${name}_bytes`, labels, value: blocks * space.bsize };
  };
  return [part("size", space.blocks), part("free", space.bfree), part("avail", space.bavail)];
}
