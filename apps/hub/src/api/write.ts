import { type AppendAck, type Clock, type Labels, labelsOf, OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { unpackBody } from "../ingest/index.ts";
import { MAX_INGEST_BODY_BYTES, MAX_WRITE_BODY_BYTES } from "../limits.ts";
import type { HubRequest, HubResponse, IngestService } from "../ports.ts";

type Samples = Pick<IngestService, "exposition" | "remoteWrite">;

/** `/api/v1/write` (remote write 1.0) and `/ingest` (exposition text, bare calls welcome). */
export class WriteApi {
  readonly #ingest: Samples;
  readonly #clock: Clock;
  readonly #onArrival: (metrics: ReadonlySet<string>) => void;

  /** `onArrival` hears of the metrics that were pushed: rules about them run at once. */
  constructor(ingest: Samples, clock: Clock, onArrival: (metrics: ReadonlySet<string>) => void) {
    this.#ingest = ingest;
    this.#clock = clock;
    this.#onArrival = onArrival;
  }

  readonly remoteWrite = async (request: HubRequest): Promise<HubResponse> => {
    refuseOtherProtocols(request);
    const body = await request.body(MAX_WRITE_BODY_BYTES);
    const { ack } = await this.#ingest.remoteWrite(body);
    return ack.rejections.length > 0 ? plainText(400, rejectionText(ack)) : { status: 204 };
  };

  readonly ingest = async (request: HubRequest): Promise<HubResponse> => {
    const { headers, query, method, path } = request;
    const sent = await request.body(MAX_INGEST_BODY_BYTES);
    const encoding = headers["content-encoding"];
    const body = await unpackBody(sent, encoding, MAX_INGEST_BODY_BYTES, { method, path });
    const targetLabels = senderLabels(query, request.remoteAddress);
    const outcome = await this.#ingest.exposition(body, {
      source: `ingest:${targetLabels.join("\u0000")}`,
      timeMs: this.#clock.now(),
      honorTimestamps: true,
      honorLabels: true,
      targetLabels,
      metricRelabel: [],
      sampleLimit: 0,
      trackStaleness: false,
      extra: [],
      ...(/openmetrics-text/.test(headers["content-type"] ?? "") && { format: "openmetrics" }),
    });
    const { ack, skippedLines, firstProblem, metricNames = [] } = outcome;
    if (ack.accepted > 0 && metricNames.length > 0) this.#onArrival(new Set(metricNames));
    const stored = `stored ${ack.accepted} ${ack.accepted === 1 ? "sample" : "samples"}`;
    const skipped = skippedLines > 0 ? `; skipped ${skippedLines}: ${firstProblem}` : "";
    const refused = ack.rejections.length > 0 ? `; refused: ${rejectionText(ack)}` : "";
    const nothing = ack.accepted === 0 && ack.rejections.length > 0;
    return plainText(nothing ? 400 : 200, `${stored}${skipped}${refused}`);
  };
}

/** A sender that names neither job nor instance is told by its address, one name a machine. */
function senderLabels(query: URLSearchParams, remoteAddress: string): Labels {
  const address = remoteAddress.replace(/^::ffff:/, "");
  const loopback = address === "::1" || address.startsWith("127.");
  return labelsOf({
    job: query.get("job") ?? "",
    instance: query.get("instance") || (loopback ? "localhost" : address),
  });
}

function refuseOtherProtocols({ path, headers }: HubRequest): void {
  const type = headers["content-type"] ?? "application/x-protobuf";
  const encoding = headers["content-encoding"] ?? "snappy";
  const wanted = "Send remote write 1.0: application/x-protobuf, compressed as one snappy block.";
  if (/^application\/x-protobuf/.test(type) && !type.includes("write.v2")) {
    if (encoding.toLowerCase() === "snappy") return;
    throw new OpsError(HUB_ERRORS.unsupportedEncoding, { path, found: encoding, wanted });
  }
  throw new OpsError(HUB_ERRORS.unsupportedEncoding, { path, found: type, wanted });
}

function rejectionText({ rejections }: AppendAck): string {
  return rejections
    .map(({ reason, count, example }) => `${count} ${reason} (${example})`)
    .join("; ");
}

function plainText(status: number, line: string): HubResponse {
  const headers = { "content-type": "text/plain; charset=utf-8" };
  return { status, headers, body: `${line}\n` };
}
