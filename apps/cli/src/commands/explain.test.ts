import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { runWords } from "../run.test.tools.ts";

let server: Server;
let url: string;

/** A hub with two series of one gauge; every other query finds nothing. */
function answer(path: string, form: URLSearchParams): unknown {
  if (path === "/api/v1/metadata") return { temperature: [{ type: "gauge" }] };
  if (path === "/api/v1/labels") return ["__name__", "room"];
  if (path === "/api/v1/label/__name__/values") return ["temperature"];
  if (path === "/api/v1/series") {
    const isKnown = form.getAll("match[]").every((one) => one.includes('"temperature"'));
    return isKnown ? [{ __name__: "temperature", room: "a" }] : [];
  }
  const result = (form.get("query") ?? "").includes("temperature") ? [{}, {}] : [];
  const timings = { evalTotalTime: 0.0015, queryPreparationTime: 0 };
  return { resultType: "vector", result, stats: { timings, samples: { samplesRead: 8 } } };
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const [path = "", query = ""] = (request.url ?? "").split("?");
      const data = answer(path, new URLSearchParams(body || query));
      response.end(JSON.stringify({ status: "success", data }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

async function run(hub: string, ...words: string[]) {
  return runWords(["explain", ...words], { HMS_OPS_URL: hub });
}

describe("hms-ops explain", () => {
  it("says sentence, form, warnings and plan without a hub", async () => {
    const { code, out } = await run(url, "sum(rate(temperature[5m]))", "--offline");
    expect(code).toBe(EXIT.ok);
    expect(out).toContain("The sum of the per-second increase of `temperature` over 5m.");
    expect(out).toContain("1:5  rate() is for counters");
    expect(out).toContain("2  slide rate along the samples");
    expect(out).not.toContain("measured");
  });

  it("measures each part by the hub, and knows its metadata", async () => {
    const { out } = await run(url, "sum(rate(temperature[5m]))");
    expect(out).toContain("temperature is a gauge");
    expect(out).toMatch(/3 +fold with sum +of 2 +1\.5 +2 +8/);
    expect(out).toContain(`measured by ${url}`);
  });

  it("tells why nothing is found", async () => {
    const { out } = await run(url, 'sum(temperatur{room="a"})');
    expect(out).toContain("there is no metric called temperatur\n       did you mean temperature?");
  });

  it("explains without the hub that is away, and prints one document", async () => {
    const { code, out } = await run("http://127.0.0.1:1", "up", "-o", "json");
    expect(code).toBe(EXIT.ok);
    expect(JSON.parse(out)).toMatchObject({
      schema: 1,
      sentence: "`up`.",
      steps: [{ number: 1, takes: [], expr: "up" }],
      hub: expect.stringContaining("not measured"),
    });
  });

  it("says where an expression is wrong", async () => {
    const { code, said } = await run(url, "raet(x[5m])", "--offline");
    expect(code).toBe(EXIT.failure);
    expect(said).toContain('1:1: parse error: unknown function with name "raet" (OPS-1201)');
    expect(said).toContain("did you mean rate?");
  });
});
