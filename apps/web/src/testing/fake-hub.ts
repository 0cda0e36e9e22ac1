/**
 * A small hub for developing and testing the pages: made-up figures, the built pages from dist/.
 *
 *     node apps/web/src/testing/fake-hub.ts [--port 9190] [--scenario incident] [--dist DIR]
 *
 * Prints its address when it listens; `POST /testing/scenario/calm` changes the scenario.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { LIVE_PATH } from "@hms-ops/wire/api";
import { FakeAnswers, SCENARIOS } from "./fake-answers.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
/** As strict as the real hub's pages should be: everything from our own origin. */
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    scenario: { type: "string", default: "incident" },
    dist: { type: "string", default: join(import.meta.dirname, "../../dist") },
  },
});
const scenarioOf = (name: string | undefined) =>
  SCENARIOS.find((one) => one === name) ?? "incident";
const answers = new FakeAnswers(Date.now(), scenarioOf(values.scenario));

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://fake");
  const scenario = /^\/testing\/scenario\/(\w+)$/.exec(url.pathname)?.[1];
  if (scenario) {
    answers.choose(scenarioOf(scenario));
    response.end();
    return;
  }
  if (!url.pathname.startsWith("/api/")) {
    await sendFile(url.pathname, response);
    return;
  }
  if (url.pathname === LIVE_PATH && answers.scenario !== "down") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end('event: polling\ndata: {"reason":"nothing is live here"}\n\n');
    return;
  }
  const form =
    request.method === "POST" ? new URLSearchParams(await text(request)) : url.searchParams;
  sendAnswer(answers.answer(url.pathname, form, Date.now()), response);
}

const server = createServer((request, response) => {
  // A page that goes away in the middle of its question must not end the hub of all others.
  handle(request, response).catch(() => response.destroy());
});

function sendAnswer(answer: unknown, response: ServerResponse): void {
  const down = answers.scenario === "down";
  const missing = {
    status: "error",
    error: "there is no such thing",
    code: "OPS-1604",
    mend: "look at the list",
  };
  const refused = typeof answer === "object" && answer !== null && "error" in answer;
  const status = down ? 503 : answer === undefined ? 404 : refused ? 400 : 200;
  const body = down
    ? { status: "error", error: "the hub is stopping", mend: "wait a moment" }
    : (answer ?? missing);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const file = extname(path) === "" ? "/index.html" : normalize(path);
  try {
    const bytes = await readFile(join(values.dist, file));
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-security-policy": POLICY,
    });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

server.listen(Number(values.port), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});
process.on("SIGTERM", () => server.close(() => process.exit(0)));
