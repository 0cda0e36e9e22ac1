import { createConnection } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runHmsOpsWith } from "./support/command-line.ts";
import { type HubProcess, instant, removeFolder, startHub } from "./support/hub.ts";

let hub: HubProcess;

beforeAll(async () => {
  hub = await startHub();
});

afterAll(async () => {
  expect(await hub.stop()).toBe(0);
  removeFolder(hub.folder);
});

const post = (path: string, body: BodyInit) => fetch(hub.url + path, { method: "POST", body });

describe("bad input gets a status and words that help, and the hub goes on", () => {
  it("a malformed line is named, the good ones are kept", async () => {
    const response = await post("/ingest", "good_before 1\nbad line here {{{\ngood_after 2\n");
    const text = await response.text();
    expect(response.status).toBeLessThan(300);
    expect(text).toMatch(/line 2/);
    for (const name of ["good_before", "good_after"]) {
      expect((await instant(hub.url, name)).result).toHaveLength(1);
    }
  });

  it("a body of 100 MB is refused with its limit", async () => {
    const response = await post("/ingest", new Uint8Array(100_000_000)).catch(() => undefined);
    // The hub may close while we still send; then the status can't be read.
    if (response) {
      expect(response.status).toBe(413);
      expect(await response.text()).toMatch(/MiB|MB|bytes/);
    }
  });

  it("a sender that trickles its head is closed with 408", { timeout: 90_000 }, async () => {
    const { hostname, port } = new URL(hub.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = createConnection({ host: hostname, port: Number(port) });
      let text = "";
      socket.write("POST /ingest HTTP/1.1\r\nHost: localhost\r\n");
      const drip = setInterval(() => socket.write("X-Drip: 1\r\n"), 500);
      socket.on("data", (chunk) => {
        text += chunk.toString();
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        clearInterval(drip);
        resolve(text);
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408/);
  });

  it("a label set of 10,000 labels is refused by name, its neighbour is kept", async () => {
    const labels = Array.from({ length: 10_000 }, (_, i) => `l${i}="v"`).join(",");
    const response = await post("/ingest", `wide{${labels}} 1\nneighbour 2\n`);
    expect(await response.text()).toMatch(/wide.*label|label.*wide/s);
    expect((await instant(hub.url, "neighbour")).result).toHaveLength(1);
    expect((await instant(hub.url, "wide")).result).toHaveLength(0);
  });

  it("an expression nested 10,000 deep is refused with a reason", async () => {
    const query = `${"(".repeat(10_000)}1${")".repeat(10_000)}`;
    const response = await post("/api/v1/query", new URLSearchParams({ query }));
    const body = (await response.json()) as { errorType: string; error: string };
    expect(response.status).toBe(400);
    expect(body.errorType).toBe("bad_data");
    expect(body.error).toMatch(/nest|deep/);
  });

  it("a metric, a label and a value that are not there are told with what is near", async () => {
    expect((await post("/ingest", 'claims_total{office="denver"} 7\n')).status).toBe(200);
    const query = (...words: string[]) =>
      runHmsOpsWith({ HMS_OPS_URL: hub.url }, hub.folder, "query", ...words);
    for (const [expr, message, suggestion] of [
      ["sum(clams_total)", "there is no metric called clams_total", "claims_total?"],
      ['claims_total{ofice="denver"}', "claims_total has no label ofice", "office?"],
      ['claims_total{office="dever"}', 'no series where office="dever"', "denver?"],
    ] as const) {
      const { code, out, said } = await query(expr, "-o", "csv");
      expect([code, out]).toEqual([0, "series,time,value\n"]);
      expect(said).toContain(message);
      expect(said).toContain(`did you mean ${suggestion}`);
    }
    expect((await query("claims_total > 7")).said).toContain("never true at this time");
    expect(await query("claims_total > 7", "-o", "csv")).toMatchObject({ code: 0, said: "" });
  });

  it("remote write that is no snappy is a 400, not a retry", async () => {
    const response = await post("/api/v1/write", new Uint8Array([1, 2, 3, 255, 255, 255]));
    expect(response.status).toBe(400);
  });

  it("another site's page is refused, whatever it calls itself", async () => {
    const { hostname, port } = new URL(hub.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = createConnection({ host: hostname, port: Number(port) });
      let text = "";
      socket.end("GET /api/v1/labels HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
      socket.on("data", (chunk) => {
        text += chunk.toString();
      });
      socket.on("close", () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 (403|421)/);
    const crossSite = await fetch(`${hub.url}/ingest`, {
      method: "POST",
      body: "x 1\n",
      headers: { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" },
    });
    expect(crossSite.status).toBe(403);
  });

  it("and after all that it answers", async () => {
    expect((await fetch(`${hub.url}/-/healthy`)).status).toBe(200);
    expect((await instant(hub.url, "1 + 1")).resultType).toBe("scalar");
  });
});
