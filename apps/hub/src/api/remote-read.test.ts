import { OpsError } from "@hms-ops/model";
import type { ReadResponseKind } from "@hms-ops/wire/remote-read";
import { expect, test } from "vitest";
import { HUB_ERRORS } from "../errors.ts";
import type { HubRequest, HubResponse } from "../ports.ts";
import { RemoteReadApi } from "./remote-read.ts";

interface Asked {
  readonly pieces: readonly Uint8Array[];
  readonly kind?: ReadResponseKind;
  readonly fails?: boolean;
  readonly encoding?: string;
}

function setUp({ pieces, kind = "samples", fails = false, encoding }: Asked) {
  let isOver = false;
  async function* each(): AsyncGenerator<Uint8Array, void> {
    try {
      yield* pieces;
      if (fails) throw new OpsError(HUB_ERRORS.tooManySamples);
    } finally {
      isOver = true;
    }
  }
  const api = new RemoteReadApi({ remoteRead: async () => ({ kind, pieces: each() }) });
  const request: HubRequest = {
    method: "POST",
    path: "/api/v1/read",
    params: {},
    query: new URLSearchParams(),
    headers: encoding === undefined ? {} : { "content-encoding": encoding },
    remoteAddress: "127.0.0.1",
    signal: new AbortController().signal,
    body: async () => new Uint8Array(0),
    form: async () => new URLSearchParams(),
  };
  return { answer: () => api.remoteRead(request), isOver: () => isOver };
}

async function bodyOf({ body }: HubResponse): Promise<number[]> {
  const bytes: number[] = [];
  for await (const piece of body as AsyncIterable<Uint8Array>) bytes.push(...piece);
  return bytes;
}

test("both forms have their content type, and the pieces come in order", async () => {
  const pieces = [Uint8Array.of(1, 2), Uint8Array.of(3)];
  const samples = await setUp({ pieces, encoding: "Snappy" }).answer();
  expect(samples.headers).toEqual({
    "content-type": "application/x-protobuf",
    "content-encoding": "snappy",
  });
  expect(await bodyOf(samples)).toEqual([1, 2, 3]);
  const chunks = await setUp({ pieces, kind: "chunks" }).answer();
  expect(chunks.headers).toEqual({
    "content-type": "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse",
  });
  const empty = await setUp({ pieces: [], kind: "chunks" }).answer();
  expect(await bodyOf(empty)).toEqual([]);
});

test("what fails before the first piece is an error, later the stream breaks", async () => {
  await expect(setUp({ pieces: [], fails: true }).answer()).rejects.toThrow(OpsError);
  const late = await setUp({ pieces: [Uint8Array.of(1)], fails: true }).answer();
  expect(late.status).toBe(200);
  await expect(bodyOf(late)).rejects.toThrow(OpsError);
});

test("a caller who goes away ends the read", async () => {
  const { answer, isOver } = setUp({ pieces: [Uint8Array.of(1), Uint8Array.of(2)] });
  for await (const piece of (await answer()).body as AsyncIterable<Uint8Array>) {
    expect(piece).toEqual(Uint8Array.of(1));
    break;
  }
  expect(isOver()).toBe(true);
});

test("another encoding is 415", async () => {
  const refused = setUp({ pieces: [], encoding: "gzip" }).answer();
  await expect(refused).rejects.toMatchObject({ status: 415 });
});
