import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:net";
import { OpsError } from "@hms-ops/model";
import type { HubStatus } from "@hms-ops/wire/api";
import { STATUS_PATH } from "@hms-ops/wire/api";
import { HUB_ERRORS } from "../errors.ts";

const ASK_MS = 1_000;
/** Ports tried above the taken one before the search gives up. */
const PORTS_TRIED = 50;
const LISTENING = "0A";

/** Who holds a port that a hub with that data folder was to have, and what to do about it. */
export async function portRefusal(port: number, dataDir: string): Promise<OpsError> {
  const [other, free] = await Promise.all([hubOnPort(port), freePortAfter(port)]);
  if (!other)
    return new OpsError(HUB_ERRORS.portTaken, { port, holder: await portHolder(port), free });
  const { pid, url, dataDir: otherDir } = other;
  return new OpsError(HUB_ERRORS.portOfAnotherHub, { port, pid, url, otherDir, dataDir, free });
}

/** The hub that answers on a port of this machine; undefined if it is another program. */
async function hubOnPort(port: number): Promise<HubStatus["hub"] | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${STATUS_PATH}`, {
      signal: AbortSignal.timeout(ASK_MS),
    });
    const { hub } = (await response.json()) as Partial<HubStatus>;
    return typeof hub?.url === "string" && typeof hub.pid === "number" ? hub : undefined;
  } catch {
    return undefined;
  }
}

/** `node (pid 4711)`, or what can be said without more rights. */
async function portHolder(port: number): Promise<string> {
  const sockets = new Set([
    ...(await listeningSockets("/proc/net/tcp", port)),
    ...(await listeningSockets("/proc/net/tcp6", port)),
  ]);
  if (sockets.size === 0) return "another program";
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (!(await holdsSocket(pid, sockets))) continue;
    const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "a program");
    return `${name.trim()} (pid ${pid})`;
  }
  return "a program of another user";
}

/** The next port above that nobody listens on. */
async function freePortAfter(port: number): Promise<number> {
  for (let next = port + 1; next < Math.min(port + PORTS_TRIED, 65_536); next++) {
    if (await isFree(next)) return next;
  }
  return 0;
}

/** Inodes of the sockets that listen on a port, as /proc/net lists them. */
async function listeningSockets(table: string, port: number): Promise<readonly string[]> {
  const text = await readFile(table, "utf8").catch(() => "");
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => {
      const [, hexPort = ""] = local.split(":");
      return state === LISTENING && Number.parseInt(hexPort, 16) === port;
    })
    .map((columns) => columns[9] ?? "");
}

async function holdsSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  for (const name of await readdir(folder).catch(() => [])) {
    const target = await readlink(`${folder}/${name}`).catch(() => "");
    const [, inode = ""] = /^socket:\[(\d+)\]$/.exec(target) ?? [];
    if (inodes.has(inode)) return true;
  }
  return false;
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: "127.0.0.1", port }, () => probe.close(() => resolve(true)));
  });
}
