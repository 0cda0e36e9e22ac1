import { createConnection } from "node:net";
import { OpsError } from "@hms-ops/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HUB_ERRORS } from "../errors.ts";
import type { HubRequest, HubResponse, Log, SelfMetrics } from "../ports.ts";
import { systemClock } from "../self/clock.ts";
import { Guard } from "./guard.ts";
import { Pages } from "./pages.ts";
import { HttpServer } from "./server.ts";

const logged: unknown[] = [];
const log: Log = { info: () => {}, warn: () => {}, error: (...said) => logged.push(said) };
const metrics: SelfMetrics = { add: () => {}, set: () => {}, observe: () => {} };

let server: HttpServer;
let base = "";
let waitingAborted: Promise<void>;

const route = (
  method: "GET" | "POST",
  path: string,
  handle: (request: HubRequest) => Promise<HubResponse> | HubResponse,
) => ({ method, path, owner: "test", auth: "read", handle }) as const;

async function* chunks() {
  for (const text of ["one ", "two ", "three"]) yield new TextEncoder().encode(text);
}

function plain() {
  return {
    port: 0,
    aliases: [],
    routes: [],
    pages: new Pages("/nowhere"),
    guard: new Guard({ token: "", beyondLoopback: false, ownNames: [] }),
    clock: systemClock,
    log,
    metrics,
  };
}

beforeAll(async () => {
  const aborted = Promise.withResolvers<void>();
  waitingAborted = aborted.promise;
  const opened = await HttpServer.open({
    ...plain(),
    hosts: ["127.0.0.1"],
    routes: [
      route("POST", "/api/v1/form", async (request) => ({
        status: 200,
        body: JSON.stringify([...(await request.form())]),
      })),
      route("POST", "/api/v1/body", async (request) => ({
        status: 200,
        body: String((await request.body(1_000)).length),
      })),
      route("POST", "/ingest", async (request) => ({
        status: 200,
        body: String((await request.body(1_000)).length),
      })),
      route("GET", "/api/v1/large", () => ({
        status: 200,
        headers: { "content-type": "application/json" },
        body: JSON.stringify("x".repeat(10_000)),
      })),
      route("GET", "/api/v1/label/:name/values", ({ params }) => ({
        status: 200,
        body: params.name ?? "",
      })),
      route("GET", "/api/v1/stream", () => ({ status: 200, body: chunks() })),
      route("GET", "/api/v1/held", () => ({
        status: 200,
        headers: { "content-type": "text/event-stream" },
        body: async (sink) => {
          for await (const chunk of chunks()) sink.write(chunk);
        },
      })),
      route("GET", "/api/v1/broken", () => {
        throw new TypeError("a fault of ours");
      }),
      route("GET", "/api/v1/slow", () => {
        throw new OpsError(HUB_ERRORS.queryTimedOut);
      }),
      route("GET", "/api/ops/v1/slow", () => {
        throw new OpsError(HUB_ERRORS.noDemo);
      }),
      route("GET", "/api/v1/waiting", async ({ signal }) => {
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        aborted.resolve();
        return { status: 200 };
      }),
    ],
    headersTimeoutMs: 100,
    requestTimeoutMs: 300,
  });
  server = opened.server;
  base = `http://127.0.0.1:${server.port}`;
});

afterAll(() => server.close(1_000));

const errorOf = async (response: Response) => ((await response.json()) as { error: string }).error;

/** Sends bytes as they are and gives back all that comes. */
function raw(text: string, end = false): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port: server.port });
    let answer = "";
    if (end) socket.end(text);
    else socket.write(text);
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
  });
}

describe("aliases", () => {
  it("serve the same table with another first page; a taken one is told", async () => {
    const { server: holder } = await HttpServer.open({ ...plain(), hosts: ["127.0.0.1"] });
    const { server: gone } = await HttpServer.open({ ...plain(), hosts: ["127.0.0.1"] });
    await gone.close(0);
    const aliases = [
      { port: holder.port, home: "/boards" },
      { port: gone.port, home: "/alerts" },
    ];
    const { server: both, failures } = await HttpServer.open({
      ...plain(),
      hosts: ["127.0.0.1"],
      aliases,
    });
    expect(failures).toEqual([{ host: "127.0.0.1", port: holder.port, code: "EADDRINUSE" }]);
    expect(both.ports).toEqual(new Set([both.port, gone.port]));
    const home = await fetch(`http://127.0.0.1:${gone.port}/`, { redirect: "manual" });
    expect([home.status, home.headers.get("location")]).toEqual([302, "/alerts"]);
    expect((await fetch(`http://127.0.0.1:${both.port}/`)).status).toBe(200);
    await Promise.all([holder.close(0), both.close(0)]);
  });
});

describe("answers", () => {
  it("read a form from body and address, the body first", async () => {
    const response = await fetch(`${base}/api/v1/form?query=b&x=1`, {
      method: "POST",
      body: new URLSearchParams({ query: "a" }),
    });
    expect(await response.json()).toEqual([
      ["query", "a"],
      ["query", "b"],
      ["x", "1"],
    ]);
  });

  it("are compressed where the caller reads gzip", async () => {
    const get = `GET /api/v1/large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
    expect((await raw(`${get}\r\n`)).length).toBeGreaterThan(10_000);
    const packed = await fetch(`${base}/api/v1/large`, { headers: { "accept-encoding": "gzip" } });
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(await packed.json()).toHaveLength(10_000);
    expect(await raw(`${get}Accept-Encoding: gzip;q=0\r\n\r\n`)).not.toContain("gzip");
  });

  it("are held, neither packed nor chunked, until they say that they are over", async () => {
    const answer = await raw(
      "GET /api/v1/held HTTP/1.1\r\nHost: localhost\r\naccept-encoding: gzip\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\none two three$/s);
    expect(answer).not.toMatch(/transfer-encoding|content-encoding/i);
    expect(answer).toMatch(/connection: close/i);
  });

  it("stream, and HEAD is a GET without body", async () => {
    expect(await (await fetch(`${base}/api/v1/stream`)).text()).toBe("one two three");
    const head = await fetch(`${base}/api/v1/large`, { method: "HEAD" });
    expect(head.headers.get("content-length")).not.toBe("0");
    expect(await head.text()).toBe("");
  });

  it("tell a handler that its caller is gone", async () => {
    const caller = new AbortController();
    const asked = fetch(`${base}/api/v1/waiting`, { signal: caller.signal }).catch(() => {});
    await fetch(`${base}/api/v1/stream`).then((response) => response.text());
    caller.abort();
    await asked;
    await waitingAborted;
  });
});

describe("errors", () => {
  it("have Prometheus' form under /api/v1", async () => {
    const slow = await fetch(`${base}/api/v1/slow`);
    expect(slow.status).toBe(503);
    expect(await slow.json()).toEqual({
      status: "error",
      errorType: "timeout",
      error: "query timed out in expression evaluation",
    });
    const unknown = await fetch(`${base}/api/v1/unknown`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ status: "error", errorType: "not_found" });
  });

  it("have our own form under /api/ops, and are text elsewhere", async () => {
    const ours = await fetch(`${base}/api/ops/v1/slow`);
    expect(await ours.json()).toMatchObject({ code: "OPS-1616", mend: expect.any(String) });
    const elsewhere = await fetch(`${base}/logs`);
    expect(elsewhere.status).toBe(404);
    expect(await elsewhere.text()).toContain("/api/v1");
  });

  it("say which part of a path is no text", async () => {
    const named = await fetch(`${base}/api/v1/label/%C3%BC/values`);
    expect(await named.text()).toBe("ü");
    for (const text of ["%ff", "%zz", "%"]) {
      const broken = await fetch(`${base}/api/v1/label/${text}/values`);
      expect(broken.status, text).toBe(400);
      expect(await errorOf(broken), text).toContain(`"name": cannot parse "${text}"`);
    }
  });

  it("say the methods that a path takes", async () => {
    const response = await fetch(`${base}/api/v1/form`, { method: "PUT" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
    expect(await errorOf(response)).toContain("does not take PUT");
    const options = await fetch(`${base}/api/v1/form`, { method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).toEqual([204, "POST"]);
  });

  it("of ours are logged and told as such", async () => {
    const response = await fetch(`${base}/api/v1/broken`);
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ errorType: "internal" });
    expect(logged).toHaveLength(1);
  });
});

describe("limits", () => {
  it("refuse a body by its announced length and by its real one", async () => {
    const announced = await fetch(`${base}/api/v1/body`, {
      method: "POST",
      body: "x".repeat(1_001),
    });
    expect(announced.status).toBe(413);
    expect(await errorOf(announced)).toContain("larger than 1000 bytes");
    const head = "POST /ingest HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    const chunk = `${(600).toString(16)}\r\n${"x".repeat(600)}\r\n`;
    const streamed = await raw(`${head}${chunk}${chunk}0\r\n\r\n`);
    expect(streamed).toMatch(/^HTTP\/1\.1 413/);
    expect(streamed).toContain("OPS-1600");
    const fits = await fetch(`${base}/api/v1/body`, { method: "POST", body: "x".repeat(1_000) });
    expect(await fits.text()).toBe("1000");
  });

  it("answer a sender of 100 MB with 413 and go on", async () => {
    const routes = [
      route("POST", "/ingest", async (request) => ({
        status: 200,
        body: String((await request.body(1_000)).length),
      })),
    ];
    const { server: patient } = await HttpServer.open({
      ...plain(),
      hosts: ["127.0.0.1"],
      routes,
    });
    const post = (size: number) =>
      fetch(`http://127.0.0.1:${patient.port}/ingest`, {
        method: "POST",
        body: new Uint8Array(size),
      });
    expect((await post(100_000_000)).status).toBe(413);
    expect((await post(10)).status).toBe(200);
    await patient.close(0);
  });

  it("do not ask for a body that is announced too long", async () => {
    const head = "POST /ingest HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n";
    expect(await raw(`${head}Content-Length: 5000\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413/);
  });

  it("end a request whose head or body trickles with 408", async () => {
    expect(await raw("GET /api/v1/large HTTP/1.1\r\nHost: localhost\r\n")).toMatch(
      /^HTTP\/1\.1 408/,
    );
    const head = "POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n";
    expect(await raw(`${head}abc`)).toMatch(/^HTTP\/1\.1 408/);
  });

  it("refuse what is no request, long heads and long addresses", async () => {
    expect(await raw("how do you do\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
    const long = "x".repeat(70_000);
    const address = `GET /api/v1/large?${long} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    expect(await raw(address)).toMatch(/^HTTP\/1\.1 414/);
    const head = `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${long}${long}\r\n\r\n`;
    expect(await raw(head)).toMatch(/^HTTP\/1\.1 431/);
  });

  it("refuse other host names before anything else", async () => {
    const answer = await raw(
      "GET /api/v1/large HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403/);
    expect(answer).toContain("does not answer to the name evil.example");
  });
});
