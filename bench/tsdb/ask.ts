import { once } from "node:events";
import { Agent, request } from "node:http";
import type { BenchQuery } from "./query-set.ts";
import type { System } from "./systems.ts";

const agent = new Agent({ keepAlive: true });
const HOUR_S = 3_600;
/** At the stream's beginning windows are short, and systems differ by design. */
const LEAD_S = 600;

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly tookMs: number;
}

export async function get(url: string): Promise<Reply> {
  const startMs = performance.now();
  const sent = request(url, { agent });
  sent.end();
  const [response] = await once(sent, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const tookMs = performance.now() - startMs;
  return { status: response.statusCode, text: Buffer.concat(chunks).toString(), tookMs };
}

/** The address of a query over a stream that lies in [startMs, endMs). */
export function addressOf(
  system: System,
  { expr, shape }: Pick<BenchQuery, "expr" | "shape">,
  stream: { readonly startMs: number; readonly endMs: number },
  cached = false,
): string {
  const query = encodeURIComponent(expr);
  const suffix = cached ? "" : system.uncached;
  const end = stream.endMs / 1000;
  if (shape === "instant")
    return `${system.address}/api/v1/query?query=${query}&time=${end}${suffix}`;
  const [start, step] =
    shape === "hour"
      ? [Math.max(stream.startMs / 1000 + LEAD_S, end - HOUR_S), 15]
      : [stream.startMs / 1000 + LEAD_S, 60];
  return `${system.address}/api/v1/query_range?query=${query}&start=${start}&end=${end}&step=${step}${suffix}`;
}

/** The one number of an instant answer. */
export async function askNumber(system: System, expr: string, timeMs: number): Promise<number> {
  const stream = { startMs: timeMs, endMs: timeMs };
  const { status, text } = await get(addressOf(system, { expr, shape: "instant" }, stream));
  if (status !== 200) throw new Error(`${system.name}: ${status} ${text.slice(0, 300)}`);
  const body = JSON.parse(text) as { data: { result: readonly { value: [number, string] }[] } };
  return Number(body.data.result[0]?.value[1] ?? 0);
}
