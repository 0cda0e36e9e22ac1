/** A load on a hub until standard input ends; then what it did goes to standard output. */
import { once } from "node:events";
import { connect } from "node:net";
import { get } from "./ask.ts";
import { sleep } from "./waiting.ts";

export type LoadTask =
  | { readonly kind: "ask"; readonly addresses: readonly string[]; readonly clients: number }
  | { readonly kind: "read-slowly"; readonly url: string; readonly path: string };

export interface LoadTally {
  readonly done: number;
  readonly failed: number;
}

const SLOW_READ_BYTES = 65_536;
const SLOW_READ_EVERY_MS = 20;

const stopped = new AbortController();
const tally = { done: 0, failed: 0 };

async function askForever(addresses: readonly string[], first: number): Promise<void> {
  for (let i = first; !stopped.signal.aborted; i++) {
    const { status } = await get(addresses[i % addresses.length] ?? "").catch(() => ({
      status: 0,
    }));
    if (status === 200) tally.done++;
    else {
      tally.failed++;
      await sleep(100);
    }
  }
}

async function readSlowly(url: string, path: string): Promise<void> {
  let bytes = 0;
  while (!stopped.signal.aborted) bytes += await readOneSlowly(url, path);
  if (bytes === 0) tally.failed++;
}

async function readOneSlowly(url: string, path: string): Promise<number> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`);
  socket.pause();
  let bytes = 0;
  const timer = setInterval(() => {
    const chunk: Buffer | null = socket.read(SLOW_READ_BYTES) ?? socket.read();
    bytes += chunk?.length ?? 0;
    if (stopped.signal.aborted) socket.destroy();
  }, SLOW_READ_EVERY_MS);
  socket.on("error", () => tally.failed++);
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(timer);
  tally.done++;
  return bytes;
}

async function run(task: LoadTask): Promise<void> {
  if (task.kind === "read-slowly") return await readSlowly(task.url, task.path);
  const clients = Array.from({ length: task.clients }, (_, i) => askForever(task.addresses, i));
  await Promise.all(clients);
}

const loading = run(JSON.parse(process.argv[2] ?? "{}"));
process.stdin.resume();
await once(process.stdin, "end");
stopped.abort();
await loading;
process.stdout.write(JSON.stringify(tally));
process.exit(0);
