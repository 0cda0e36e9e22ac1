import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { runWords } from "../run.test.tools.ts";

let server: Server;
let url: string;

const COST = { totalMs: 1.5, seriesCount: 2, samplesRead: 8 };
const EMPTY = { promql: "", rewritten: [], sentence: "", formatted: "", notes: [], steps: [] };
const step = (number: number, does: string, takes: readonly number[]) => {
  return { number, does, takes, expr: "up", cost: COST };
};

/** What a hub says of texts; of others that they cannot be read. */
const TOLD: Readonly<Record<string, object>> = {
  "sum(rate(temperature[5m]))": {
    promql: "sum(rate(temperature[5m]))",
    sentence: "The sum.",
    notes: [{ position: "1:5", message: "temperature is a gauge", suggestion: "use deriv()" }],
    steps: [step(1, "read", []), step(2, "fold with sum", [1])],
  },
  latency_ms: {
    promql: "histogram_quantile(0.95, sum by (le) (rate(latency_ms_bucket[5m])))",
    rewritten: ["latency_ms is a histogram: this is its 95th percentile over 5m"],
    sentence: "The 95th percentile.",
  },
  "many * many": { promql: "many * many", sentence: "`many` times `many`." },
  "raet(x[5m]) per minute": {
    notes: [{ position: "1:1", message: "no words", suggestion: "write * 60" }],
  },
};

/** Answers who asks as Explore does. */
function answer(path: string, form: URLSearchParams): { status: number; body: object } {
  const text = form.get("query") ?? "";
  const asked = path === "/api/ops/v1/explain" && form.get("short_forms") === "true";
  if (!asked || form.get("drawn") !== "true") return { status: 404, body: {} };
  if (text === "many * many" && form.has("step")) {
    const body = { status: "error", errorType: "execution", error: "many-to-many" };
    return { status: 422, body };
  }
  return { status: 200, body: { ...EMPTY, ...TOLD[text] } };
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const [path = "", query = ""] = (request.url ?? "").split("?");
      const { status, body: said } = answer(path, new URLSearchParams(body || query));
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(said));
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

  it("tells what the hub knows of it, and what each part costs", async () => {
    const { out } = await run(url, "sum(rate(temperature[5m]))");
    expect(out).toContain("Look again:\n  1:5  temperature is a gauge\n       use deriv()\n");
    expect(out).toMatch(/2 +fold with sum +of 1 +1\.5 +2 +8/);
    expect(out).toContain(`measured by ${url}`);
  });

  it("explains what a bare name stands for, as Explore does", async () => {
    const { out } = await run(url, "latency_ms");
    expect(out).toContain("The 95th percentile.\n\nhistogram_quantile(");
    expect(out).toContain("Understood:\n  latency_ms is a histogram: this is its 95th percentile");
    const { code, said } = await run(url, "raet(x[5m]) per minute");
    expect([code, said]).toEqual([
      EXIT.failure,
      expect.stringContaining("1:1: parse error: no words"),
    ]);
    expect(said).toContain("write * 60");
  });

  it("explains what cannot be run, and says why it was not", async () => {
    const { code, out } = await run(url, "many * many");
    expect([code, out]).toEqual([EXIT.ok, expect.stringContaining("`many` times `many`.")]);
    expect(out).toContain("not measured: many-to-many");
  });

  it("reads short forms and conditions in words without a hub, too", async () => {
    const { code, out } = await run(url, "IF avg(a.b) > 200 FOR 3 min", "--offline");
    expect([code, out]).toEqual([
      EXIT.ok,
      expect.stringContaining('avg({__name__="a.b"}) > 200\n'),
    ]);
    expect(out).toContain(
      "Look again:\n  1:1  FOR 3m is left out: it only means something in a rule",
    );
    const perMinute = await run(url, "claims_total PER minute", "--offline");
    expect(perMinute.out).toContain("sum(rate(claims_total[5m])) * 60\n");
    const short = await run(url, "x_ms_p95", "--offline");
    expect(short.out).toContain(
      "Understood:\n  x_ms_p95 is the quantile 0.95 of x_ms_bucket over 5m",
    );
    const wrong = await run(url, "x WHERE a > 1", "--offline");
    expect(wrong.said).toContain("1:11: parse error: write =, !=, =~ or !~");
  });

  it("takes the text as strict PromQL where it is told to", async () => {
    const { code, out } = await run(url, "latency_ms", "--promql");
    expect([code, out]).toEqual([EXIT.ok, expect.stringContaining("`latency_ms`.")]);
    expect(out).toContain("not measured");
    const words = await run(url, "claims_total PER minute", "--offline", "--promql");
    expect([words.code, words.said]).toEqual([EXIT.failure, expect.stringContaining("1:14")]);
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
