import { once } from "node:events";
import { Agent, type ClientRequest, request } from "node:http";
import { type Body, BodyFileReader } from "./body-file.ts";

/** What the sender is told, as JSON in its first argument. */
export interface SendTask {
  readonly url: string;
  readonly paths: readonly string[];
  /** Samples a second of all connections together; 0 = as fast as answers come. */
  readonly samplesPerSecond: number;
}

/** What it prints as JSON when all is acknowledged. */
export interface SendReport {
  readonly wallMs: number;
  readonly acknowledged: number;
  readonly requests: number;
  /** Bodies sent again after a 429 or 5xx. */
  readonly repeated: number;
  readonly refused: number;
  readonly firstRefusal: string;
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  readonly ackMaxMs: number;
}

/** No connection runs further ahead: what is an hour behind, Prometheus refuses. */
const MOST_STEPS_AHEAD = 60;
const REPEATS_MAX = 1_000;
const REPEAT_AFTER_MS = 20;

const latencies: number[] = [];
const counts = { acknowledged: 0, repeated: 0, refused: 0, firstRefusal: "" };

/** The connections, kept within sight of each other, and at the wished pace. */
class Pace {
  readonly #steps: number[];
  readonly #samplesPerMs: number;
  readonly #startMs = performance.now();
  #sent = 0;
  #moved: (() => void)[] = [];

  constructor(connections: number, samplesPerSecond: number) {
    this.#steps = Array.from({ length: connections }, () => 0);
    this.#samplesPerMs = samplesPerSecond / 1_000;
  }

  async wait(connection: number, { step, samples }: Body): Promise<void> {
    this.#arrive(connection, step);
    while (step > Math.min(...this.#steps) + MOST_STEPS_AHEAD) {
      await new Promise<void>((resolve) => this.#moved.push(resolve));
    }
    const dueMs = this.#samplesPerMs === 0 ? 0 : this.#sent / this.#samplesPerMs;
    this.#sent += samples;
    const restMs = this.#startMs + dueMs - performance.now();
    if (restMs > 0) await sleep(restMs);
  }

  end(connection: number): void {
    this.#arrive(connection, Number.POSITIVE_INFINITY);
  }

  #arrive(connection: number, step: number): void {
    if (this.#steps[connection] === step) return;
    this.#steps[connection] = step;
    const moved = this.#moved;
    this.#moved = [];
    for (const resolve of moved) resolve();
  }
}

async function sendFile(task: SendTask, connection: number, pace: Pace): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const file = new BodyFileReader(task.paths[connection] ?? "");
  for (let body = file.next(); body !== undefined; body = file.next()) {
    await pace.wait(connection, body);
    await sendBody(task.url, agent, body);
  }
  pace.end(connection);
  file.close();
  agent.destroy();
}

async function sendBody(url: string, agent: Agent, body: Body): Promise<void> {
  const startMs = performance.now();
  for (let attempt = 0; ; attempt++) {
    const { status, text } = await post(url, agent, body.bytes);
    if (status < 300) {
      counts.acknowledged += body.samples;
      latencies.push(performance.now() - startMs);
      return;
    }
    if ((status === 429 || status >= 500) && attempt < REPEATS_MAX) {
      counts.repeated++;
      await sleep(REPEAT_AFTER_MS);
      continue;
    }
    counts.refused += body.samples;
    counts.firstRefusal ||= `${status} ${text.slice(0, 300)}`;
    return;
  }
}

async function post(
  url: string,
  agent: Agent,
  bytes: Uint8Array,
): Promise<{ readonly status: number; readonly text: string }> {
  const sent: ClientRequest = request(url, {
    method: "POST",
    agent,
    headers: {
      "content-type": "application/x-protobuf",
      "content-encoding": "snappy",
      "x-prometheus-remote-write-version": "0.1.0",
      "content-length": bytes.length,
    },
  });
  sent.end(bytes);
  const [response] = await once(sent, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

async function send(task: SendTask): Promise<SendReport> {
  const startMs = performance.now();
  const pace = new Pace(task.paths.length, task.samplesPerSecond);
  await Promise.all(task.paths.map((_, i) => sendFile(task, i, pace)));
  const wallMs = performance.now() - startMs;
  const sorted = latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return {
    wallMs,
    requests: sorted.length,
    ...counts,
    ackP50Ms: at(0.5) ?? 0,
    ackP99Ms: at(0.99) ?? 0,
    ackMaxMs: at(1) ?? 0,
  };
}

process.stdout.write(JSON.stringify(await send(JSON.parse(process.argv[2] ?? "{}"))));
