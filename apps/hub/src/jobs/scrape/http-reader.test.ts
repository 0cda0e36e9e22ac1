import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { FakeClock } from "@hms-ops/model/testing";
import { afterEach, expect, test } from "vitest";
import { defaultScrapeConfig } from "../../config/scrape-config.ts";
import { HttpReader, type ScrapeRequest } from "./http-reader.ts";

const TIMEOUT_MS = 1_000;
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

interface Heard {
  readonly url: string;
  /** By connection: what came over it. */
  readonly connections: string[][];
}

/** A peer that is told what came, how often on this connection, and how often at all. */
async function peer(
  answer: (socket: Socket, asked: { here: number; ever: number }) => void,
): Promise<Heard> {
  const connections: string[][] = [];
  const server: Server = createServer((socket) => {
    const heard: string[] = [];
    connections.push(heard);
    ends.push(() => socket.destroy());
    socket.on("error", () => {});
    socket.on("data", (data) => {
      heard.push(String(data));
      answer(socket, { here: heard.length, ever: connections.flat().length });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, connections };
}

function reader(clock = new FakeClock(0)): HttpReader {
  const made = new HttpReader(clock);
  ends.push(() => made.close());
  return made;
}

function request(url: string, headers: Record<string, string> = {}): ScrapeRequest {
  const defaults = { scrapeIntervalMs: 15_000, scrapeTimeoutMs: TIMEOUT_MS };
  const { http } = defaultScrapeConfig("irs", defaults);
  return { url, http: { ...http, headers }, timeoutMs: TIMEOUT_MS, maxBytes: 0 };
}

const written = (body: string) =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

async function textOf(from: HttpReader, url: string): Promise<string> {
  const { body } = await from.read(request(url));
  return Buffer.from(body).toString();
}

test("a connection is asked again and again, and one more is opened for a second question", async () => {
  const { url, connections } = await peer((socket, { ever }) => {
    socket.write(written(`up ${ever}\n`));
  });
  const from = reader();
  for (let i = 1; i <= 3; i++) expect(await textOf(from, url)).toBe(`up ${i}\n`);
  expect(connections).toHaveLength(1);
  await Promise.all([textOf(from, url), textOf(from, url)]);
  expect(connections).toHaveLength(2);
});

test("a kept connection that ends when it is asked is no failure", async () => {
  const { url, connections } = await peer((socket, { here, ever }) => {
    if (here === 2) socket.destroy();
    else socket.write(written(`up ${ever}\n`));
  });
  const from = reader();
  expect(await textOf(from, url)).toBe("up 1\n");
  expect(await textOf(from, url)).toBe("up 3\n");
  expect(connections.map(({ length }) => length)).toEqual([2, 1]);
});

test("a new connection that ends without an answer is a failure", async () => {
  const { url, connections } = await peer((socket) => socket.end());
  await expect(reader().read(request(url))).rejects.toMatchObject({ code: "OPS-1652" });
  expect(connections).toHaveLength(1);
});

test("an answer that stops half way ends with the time limit, and so does its connection", async () => {
  const clock = new FakeClock(0);
  const { url, connections } = await peer((socket, { ever }) => {
    const answer = written("up 1\n");
    socket.write(ever === 1 ? answer.slice(0, -3) : answer);
  });
  const from = reader(clock);
  const asked = from.read(request(url));
  const failed = expect(asked).rejects.toMatchObject({ code: "OPS-1651" });
  while (connections.flat().length === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(TIMEOUT_MS);
  await failed;
  expect(await textOf(from, url)).toBe("up 1\n");
  expect(connections).toHaveLength(2);
});

test("whoever ends the scrape waits no longer", async () => {
  const { url } = await peer(() => {});
  const control = new AbortController();
  const asked = reader().read(request(url), control.signal);
  control.abort();
  await expect(asked).rejects.toThrow("the scrape was ended");
});

test("a peer is asked as HTTP has it, with the headers of the settings", async () => {
  const { url, connections } = await peer((socket) => socket.write(written("up 1\n")));
  const from = reader();
  await from.read(request(`${url}?a=b c`, { "X-Scope-OrgID": "irs", Host: "elsewhere" }));
  const lines = connections.flat()[0]?.split("\r\n") ?? [];
  expect(lines[0]).toBe("GET /metrics?a=b%20c HTTP/1.1");
  expect(lines).toContain("x-scope-orgid: irs");
  expect(lines.filter((line) => line.startsWith("host:"))).toEqual(["host: elsewhere"]);
  expect(lines.slice(-2)).toEqual(["", ""]);
  const split = request(url, { a: "b\r\nhost: c" });
  await expect(from.read(split)).rejects.toMatchObject({ code: "OPS-1652" });
});

test("redirects that never end are told, with where the last one led", async () => {
  const { url, connections } = await peer((socket, { ever }) => {
    socket.write(`HTTP/1.1 302 Found\r\nlocation: /${ever}\r\ncontent-length: 0\r\n\r\n`);
  });
  await expect(reader().read(request(url))).rejects.toMatchObject({
    code: "OPS-1657",
    message: `redirected more than 10 times, last to ${new URL("/11", url)}`,
  });
  expect(connections.flat()).toHaveLength(11);
});
