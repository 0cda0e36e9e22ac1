import { connect } from "node:net";
import { labelsOf } from "@hms-ops/model";
import { writeRemoteWrite } from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";
import { get } from "./ask.ts";
import { sleep } from "./waiting.ts";

const WIDE_A_BODY = 5_000;
const SHARDS = 10;
const SLOW_READ_BYTES = 65_536;
const SLOW_READ_EVERY_MS = 20;

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
  readonly stop: () => Promise<{ readonly done: number; readonly failed: number }>;
}

export const NO_LOAD: Load = { stop: async () => ({ done: 0, failed: 0 }) };

/** Asks the addresses in turn, `clients` at once, again and again. */
export function askForever(addresses: readonly string[], clients: number): Load {
  let isStopped = false;
  const tally = { done: 0, failed: 0 };
  const client = async (first: number) => {
    for (let i = first; !isStopped; i++) {
      const { status } = await get(addresses[i % addresses.length] ?? "").catch(() => ({
        status: 0,
      }));
      if (status === 200) tally.done++;
      else {
        tally.failed++;
        await sleep(100);
      }
    }
  };
  const clientsDone = Array.from({ length: clients }, (_, i) => client(i));
  return {
    stop: async () => {
      isStopped = true;
      await Promise.all(clientsDone);
      return tally;
    },
  };
}

/** Asks and takes 64 kB of the answer every 20 ms: about 3 MB/s. */
export function readSlowly(url: string, path: string): Load {
  let isStopped = false;
  let bytes = 0;
  const tally = { done: 0, failed: 0 };
  const { hostname, port } = new URL(url);
  const one = () =>
    new Promise<void>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) });
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`,
      );
      socket.pause();
      const timer = setInterval(() => {
        const chunk: Buffer | null = socket.read(SLOW_READ_BYTES) ?? socket.read();
        bytes += chunk?.length ?? 0;
        if (isStopped) socket.destroy();
      }, SLOW_READ_EVERY_MS);
      socket.on("error", () => tally.failed++);
      socket.on("close", () => {
        clearInterval(timer);
        tally.done++;
        resolve();
      });
    });
  const loop = (async () => {
    while (!isStopped) await one();
  })();
  return {
    stop: async () => {
      isStopped = true;
      await loop;
      if (bytes === 0) tally.failed++;
      return tally;
    },
  };
}
