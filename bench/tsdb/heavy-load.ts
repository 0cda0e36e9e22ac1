import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { labelsOf } from "@hms-ops/model";
import { writeRemoteWrite } from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";
import type { LoadTally, LoadTask } from "./heavy-load.process.ts";

const WIDE_A_BODY = 5_000;
const SHARDS = 10;
const PROGRAM = fileURLToPath(new URL("heavy-load.process.ts", import.meta.url));
/** Callers of a hub have machines of their own: here they take what cores it leaves. */
const NICENESS = 19;

/** Series of one metric whose label `id` is different in each. */
export async function sendWide(url: string, count: number): Promise<void> {
  const timeMs = Date.now();
  for (let from = 0; from < count; from += WIDE_A_BODY) {
    const series = Array.from({ length: Math.min(WIDE_A_BODY, count - from) }, (_, i) => ({
      labels: labelsOf({
        __name__: "wide",
        id: `user-${(from + i).toString(36)}-${from + i}`,
        shard: `s${(from + i) % SHARDS}`,
      }),
      timesMs: [timeMs],
      values: [i],
    }));
    const response = await fetch(`${url}/api/v1/write`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf", "content-encoding": "snappy" },
      body: compressSnappy(writeRemoteWrite(series)),
    });
    if (!response.ok) throw new Error(`wide series: ${response.status} ${await response.text()}`);
  }
}

/** Something that goes on until it is stopped; `done` counts what it completed. */
export interface Load {
  /** Shown the hub's metrics every second. */
  readonly look?: (metrics: ReadonlyMap<string, number>) => void;
  readonly stop: () => Promise<LoadTally>;
}

export const NO_LOAD: Load = { stop: async () => ({ done: 0, failed: 0 }) };

/** Asks the addresses in turn, `clients` at once, again and again. */
export function askForever(addresses: readonly string[], clients: number): Load {
  return startLoad({ kind: "ask", addresses, clients });
}

/** Asks and takes 64 kB of the answer every 20 ms: about 3 MB/s. */
export function readSlowly(url: string, path: string): Load {
  return startLoad({ kind: "read-slowly", url, path });
}

function startLoad(task: LoadTask): Load {
  const words = ["-n", String(NICENESS), process.execPath, PROGRAM, JSON.stringify(task)];
  const child = spawn("nice", words, { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const closed = once(child, "close");
  return {
    stop: async () => {
      child.stdin.end();
      const [code] = await closed;
      if (code !== 0) throw new Error(`the load ended with ${code}`);
      return JSON.parse(output) as LoadTally;
    },
  };
}
