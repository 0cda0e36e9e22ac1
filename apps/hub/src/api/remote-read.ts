import { OpsError } from "@hms-ops/model";
import type { ReadResponseKind } from "@hms-ops/wire/remote-read";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_FORM_BODY_BYTES } from "../limits.ts";
import type { HubRequest, HubResponse, StopSignal } from "../ports.ts";

export interface RemoteReads {
  remoteRead(
    body: Uint8Array<ArrayBuffer>,
    limits: { readonly signal: StopSignal },
  ): Promise<{
    readonly kind: ReadResponseKind;
    readonly pieces: AsyncGenerator<Uint8Array, void>;
  }>;
}

const HEADERS: Readonly<Record<ReadResponseKind, Readonly<Record<string, string>>>> = {
  samples: { "content-type": "application/x-protobuf", "content-encoding": "snappy" },
  chunks: {
    "content-type": "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse",
  },
};

/** `/api/v1/read`: Prometheus' remote read, as plain samples or as a stream of chunks. */
export class RemoteReadApi {
  readonly #reads: RemoteReads;

  constructor(reads: RemoteReads) {
    this.#reads = reads;
  }

  readonly remoteRead = async (request: HubRequest): Promise<HubResponse> => {
    const { headers, path, signal } = request;
    const encoding = headers["content-encoding"] || "snappy";
    if (encoding.trim().toLowerCase() !== "snappy") {
      const wanted = "Send one prometheus.ReadRequest, compressed as one snappy block.";
      throw new OpsError(HUB_ERRORS.unsupportedEncoding, { path, found: encoding, wanted });
    }
    const body = await request.body(MAX_FORM_BODY_BYTES);
    const { kind, pieces } = await this.#reads.remoteRead(body, { signal });
    // What cannot be answered shows with the first piece, while the status can still tell.
    const first = await pieces.next();
    return { status: 200, headers: HEADERS[kind], body: continued(first, pieces) };
  };
}

async function* continued(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}
