import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { labelsOf, seededRandom } from "@hms-ops/model";
import { readFrames, writeReadRequest } from "@hms-ops/wire/remote-read";
import { writeRemoteWriteV2 } from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SEED } from "./support/figures.ts";
import { eventually, type HubProcess, instant, removeFolder, startHub } from "./support/hub.ts";

/** More than the hub answers at a time. */
const READERS = 14;
const SERIES = 500;
/** Of each series; together more than any socket holds. */
const SAMPLES = 2_000;
const V2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

let hub: HubProcess;
const startMs = Math.floor(Date.now() / 1_000) * 1_000 - SAMPLES * 1_000;

beforeAll(async () => {
  hub = await startHub();
  const random = seededRandom(SEED);
  for (let first = 0; first < SERIES; first += 100) {
    const series = Array.from({ length: 100 }, (_, i) => ({
      labels: labelsOf({ __name__: "long", i: String(first + i) }),
      timesMs: Array.from({ length: SAMPLES }, (_, k) => startMs + k * 1_000),
      values: Array.from({ length: SAMPLES }, () => random.below(2 ** 31) / 7),
    }));
    const response = await fetch(`${hub.url}/api/v1/write`, {
      method: "POST",
      body: compressSnappy(writeRemoteWriteV2(series)),
      headers: { "Content-Type": V2, "Content-Encoding": "snappy" },
    });
    expect(response.status, await response.text()).toBe(204);
    const written = response.headers.get("x-prometheus-remote-write-samples-written");
    expect(written).toBe(String(100 * SAMPLES));
  }
});

afterAll(async () => {
  await hub?.stop();
  if (hub) removeFolder(hub.folder);
});

const body = compressSnappy(
  writeReadRequest({
    queries: [
      {
        range: { fromMs: 0, toMs: startMs + SAMPLES * 1_000 },
        matchers: [{ name: "__name__", operator: "=", value: "long" }],
      },
    ],
    accepted: ["chunks"],
  }),
);

/** Asks, takes the head of the answer and reads no further. */
function askAndStop(): { readonly call: ClientRequest; readonly head: Promise<IncomingMessage> } {
  const call = request(`${hub.url}/api/v1/read`, { method: "POST" });
  const head = new Promise<IncomingMessage>((resolve, reject) => {
    call.on("response", (response) => resolve(response.pause()));
    call.on("error", reject);
  });
  head.catch(() => {});
  call.end(body);
  return { call, head };
}

describe("remote reads whose callers do not read on", () => {
  it("keep no query waiting, and once they are gone no other remote read", async () => {
    const stuck = Array.from({ length: READERS }, askAndStop);
    const heads = await Promise.all(stuck.slice(0, 5).map(({ head }) => head));
    expect(heads.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200]);
    const counted = await instant(hub.url, `count(long @ ${startMs / 1_000 + SAMPLES - 1})`);
    expect(counted.result[0]?.value[1]).toBe(String(SERIES));
    for (const { call } of stuck) call.destroy();
    const response = await fetch(`${hub.url}/api/v1/read`, { method: "POST", body });
    expect(response.status).toBe(200);
    const frames = readFrames(new Uint8Array(await response.arrayBuffer()));
    const samples = frames.flatMap(({ chunks }) =>
      chunks.map(({ data }) => ((data[0] ?? 0) << 8) | (data[1] ?? 0)),
    );
    expect(samples.reduce((sum, count) => sum + count, 0)).toBe(SERIES * SAMPLES);
  });

  it("and nothing of them stays behind", async () => {
    const openPins = async () =>
      (await (await fetch(`${hub.url}/metrics`)).text())
        .split("\n")
        .find((line) => line.startsWith("hms_ops_store_open_pins "));
    await eventually(openPins, (line) => line?.endsWith(" 0") === true);
  });
});
