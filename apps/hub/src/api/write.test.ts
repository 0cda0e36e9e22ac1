import { labelsOf, OpsError } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { openMemoryStore } from "@hms-ops/stores/memory";
import { writeRemoteWrite, writeRemoteWriteV2 } from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";
import { expect, test } from "vitest";
import { RemoteWriteIngest } from "../ingest/index.ts";
import type { HubRequest, RemoteWriteVersion } from "../ports.ts";
import { WriteApi } from "./write.ts";

const V2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request";
const GOOD = { labels: labelsOf({ __name__: "a" }), timesMs: [1_000], values: [1] };
const NAMELESS = { labels: labelsOf({ job: "x" }), timesMs: [1_000], values: [1] };

function setUp() {
  const ingest = new RemoteWriteIngest(openMemoryStore());
  const unused = async () => {
    throw new Error("not asked here");
  };
  const samples = {
    exposition: unused,
    remoteWrite: (body: Uint8Array<ArrayBuffer>, version: RemoteWriteVersion) =>
      ingest.accept(body, version),
  };
  const api = new WriteApi(samples, new FakeClock(), () => {});
  return (body: Uint8Array<ArrayBuffer>, headers: HubRequest["headers"]) =>
    api.remoteWrite({
      method: "POST",
      path: "/api/v1/write",
      params: {},
      query: new URLSearchParams(),
      headers,
      remoteAddress: "127.0.0.1",
      signal: new AbortController().signal,
      body: async () => body,
      form: unused,
    });
}

const headersOf = (type: string, encoding = "snappy") => ({
  "content-type": type,
  "content-encoding": encoding,
});

function written(samples: number, histograms = 0, exemplars = 0) {
  return {
    "x-prometheus-remote-write-samples-written": String(samples),
    "x-prometheus-remote-write-histograms-written": String(histograms),
    "x-prometheus-remote-write-exemplars-written": String(exemplars),
  };
}

test("1.0 is taken with and without its name, and answered with a bare 204", async () => {
  const post = setUp();
  const body = compressSnappy(writeRemoteWrite([GOOD]));
  for (const headers of [
    {},
    headersOf("application/x-protobuf"),
    headersOf("application/x-protobuf; proto=prometheus.WriteRequest"),
    headersOf('application/x-protobuf;proto="prometheus.WriteRequest"', "Snappy"),
  ]) {
    expect(await post(body, headers)).toEqual({ status: 204 });
  }
});

test("2.0 is answered with what was written", async () => {
  const post = setUp();
  const body = compressSnappy(writeRemoteWriteV2([GOOD]));
  expect(await post(body, headersOf(V2))).toEqual({ status: 204, headers: written(1) });
  const empty = compressSnappy(writeRemoteWriteV2([]));
  expect(await post(empty, headersOf(V2))).toEqual({ status: 204, headers: written(0) });
});

test("what is partly bad is 400 with counts and reasons; 2.0 tells what was written", async () => {
  const post = setUp();
  const v1 = await post(compressSnappy(writeRemoteWrite([GOOD, NAMELESS])), {});
  expect(v1.status).toBe(400);
  expect(v1.body).toBe(
    "stored 1 samples, 0 histograms, 0 exemplars; refused: 1 invalid-labels (the series has no __name__)\n",
  );
  expect(Object.keys(v1.headers ?? {})).toEqual(["content-type"]);
  const v2 = await post(compressSnappy(writeRemoteWriteV2([GOOD, NAMELESS])), headersOf(V2));
  expect(v2.status).toBe(400);
  expect(v2.headers).toMatchObject(written(1));
});

test("a damaged 2.0 body is 400 and says that nothing was written", async () => {
  const post = setUp();
  const answer = await post(Uint8Array.of(1, 2, 3), headersOf(V2));
  expect(answer.status).toBe(400);
  expect(answer.headers).toMatchObject(written(0));
});

test("other types and encodings are 415, and the answer names what is taken", async () => {
  const post = setUp();
  const refused = async (type: string, encoding?: string) => {
    const error = await post(new Uint8Array(0), headersOf(type, encoding)).catch((e) => e);
    expect(error).toBeInstanceOf(OpsError);
    expect(error).toMatchObject({ status: 415 });
    expect(error.mend).toContain("proto=io.prometheus.write.v2.Request");
    expect(error.mend).toContain("proto=prometheus.WriteRequest");
    expect(error.mend).toContain("snappy");
  };
  await refused("application/json");
  await refused("application/x-protobuf;proto=io.prometheus.write.v3.Request");
  await refused("application/x-protobuf", "gzip");
  await refused(V2, "zstd");
});
