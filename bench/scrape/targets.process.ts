/** Exporters that answer with pages made beforehand, in a process beside the servers'. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { exporterPages, type PagesRequest } from "./exporter-pages.ts";

export interface TargetsTask extends PagesRequest {
  readonly targets: number;
  /** Whether a client that takes gzip gets it. */
  readonly gzip: boolean;
}

export interface TargetsReport {
  readonly ports: readonly number[];
  readonly pageBytes: number;
  readonly packedBytes: number;
}

interface Page {
  readonly plain: Buffer;
  readonly packed: Buffer | undefined;
}

const task = JSON.parse(process.argv[2] ?? "{}") as TargetsTask;
const pages = exporterPages(task).map((text): Page => {
  const plain = Buffer.from(text);
  return { plain, packed: task.gzip ? gzipSync(plain) : undefined };
});
const beganMs = Date.now();
/** Pages from one target to the next, so that they do not tell the same. */
const APART = 4;

/** The page of the second that it is, so that all who ask read the same. */
function answer(target: number, request: IncomingMessage, response: ServerResponse): void {
  const second = Math.floor((Date.now() - beganMs) / 1_000);
  const page = pages[(second + target * APART) % pages.length];
  if (page === undefined) throw new Error("there are no pages");
  const isPacked = page.packed && request.headers["accept-encoding"]?.includes("gzip");
  const body = (isPacked && page.packed) || page.plain;
  response.writeHead(200, {
    "content-type": "text/plain; version=0.0.4; charset=utf-8",
    "content-length": body.length,
    ...(isPacked && { "content-encoding": "gzip" }),
  });
  response.end(body);
}

async function listening(target: number): Promise<Server> {
  const server = createServer((request, response) => answer(target, request, response));
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const servers = await Promise.all(Array.from({ length: task.targets }, (_, i) => listening(i)));
const report: TargetsReport = {
  ports: servers.map((server) => (server.address() as AddressInfo).port),
  pageBytes: pages[0]?.plain.length ?? 0,
  packedBytes: pages[0]?.packed?.length ?? 0,
};
process.send?.(report);
process.on("disconnect", () => process.exit());
