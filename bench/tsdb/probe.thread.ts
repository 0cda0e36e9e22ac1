import { once } from "node:events";
import { Agent, request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { labelsOf } from "@hms-ops/model";
import { writeRemoteWrite } from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";

/** What the probe is told. */
export interface ProbeTask {
  readonly url: string;
  /** Whose runs are watched: a group of one recording rule, every second. */
  readonly ruleGroup: string;
}

/** What it has seen since it was asked last, in ms. */
export interface ProbeReading {
  readonly ackMs: readonly number[];
  /** From the slot of the rule's run until its samples are stored and it is listed as run. */
  readonly ruleDelayMs: readonly number[];
  readonly failures: number;
}

const SEND_EVERY_MS = 50;
const LOOK_EVERY_MS = 5;
const SERIES = 100;

const { url, ruleGroup } = workerData as ProbeTask;
const reading = { ackMs: [] as number[], ruleDelayMs: [] as number[], failures: 0 };
const seriesLabels = Array.from({ length: SERIES }, (_, i) =>
  labelsOf({ __name__: "probe_requests_total", instance: `probe-${i}`, job: "probe" }),
);

async function exchange(
  agent: Agent,
  path: string,
  options: { readonly method?: string; readonly headers?: Record<string, string | number> },
  body?: Uint8Array,
): Promise<{ readonly status: number; readonly text: string }> {
  const sent = request(url + path, { agent, ...options });
  sent.end(body);
  const [response] = await once(sent, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

/** A small remote write every 50 ms, whether the one before was answered or not. */
async function sendOne(agent: Agent, count: number): Promise<void> {
  const timeMs = Date.now();
  const series = seriesLabels.map((labels) => ({ labels, timesMs: [timeMs], values: [count] }));
  const body = compressSnappy(writeRemoteWrite(series));
  const headers = {
    "content-type": "application/x-protobuf",
    "content-encoding": "snappy",
    "content-length": body.length,
  };
  const startMs = performance.now();
  try {
    const { status } = await exchange(agent, "/api/v1/write", { method: "POST", headers }, body);
    if (status >= 300) reading.failures++;
  } catch {
    reading.failures++;
  }
  reading.ackMs.push(performance.now() - startMs);
}

async function watchRules(agent: Agent): Promise<void> {
  let last = "";
  for (;;) {
    try {
      const path = `/api/v1/rules?rule_group[]=${ruleGroup}`;
      const { text } = await exchange(agent, path, {});
      const seen = /"lastEvaluation":"([^"]+)"/.exec(text)?.[1] ?? "";
      const slotMs = Date.parse(seen);
      if (seen !== last && last !== "" && slotMs > 0) reading.ruleDelayMs.push(Date.now() - slotMs);
      last = seen;
    } catch {
      reading.failures++;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

const writeAgent = new Agent({ keepAlive: true });
let sends = 0;
setInterval(() => void sendOne(writeAgent, sends++), SEND_EVERY_MS);
parentPort?.on("message", () => {
  const taken: ProbeReading = {
    ...reading,
    ackMs: [...reading.ackMs],
    ruleDelayMs: [...reading.ruleDelayMs],
  };
  reading.ackMs.length = 0;
  reading.ruleDelayMs.length = 0;
  reading.failures = 0;
  parentPort?.postMessage(taken);
});
void watchRules(new Agent({ keepAlive: true }));
