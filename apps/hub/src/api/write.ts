import { type Clock, formatLabels, type Labels, labelsOf, OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { unpackBody } from "../ingest/index.ts";
import { MAX_INGEST_BODY_BYTES, MAX_WRITE_BODY_BYTES } from "../limits.ts";
import type {
  HubRequest,
  HubResponse,
  IngestService,
  RefusedRows,
  RemoteWriteOutcome,
  RemoteWriteVersion,
} from "../ports.ts";

type Samples = Pick<IngestService, "exposition" | "remoteWrite">;

/** `/api/v1/write` (remote write 1.0 and 2.0) and `/ingest` (exposition text, bare calls welcome). */
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
    const version = readVersion(request);
    try {
      const body = await request.body(MAX_WRITE_BODY_BYTES);
      return writeAnswer(version, await this.#ingest.remoteWrite(body, version));
    } catch (error) {
      if (version === "1.0" || !(error instanceof OpsError)) throw error;
      // Without these headers a sender takes the hub for one that knows 1.0 alone.
      const { status, message, mend, code } = error;
      const answer = plainText(status, `${message}\n${mend} (${code})`);
      return { ...answer, headers: { ...answer.headers, ...writtenHeaders(NOTHING_WRITTEN) } };
    }
  };

  readonly ingest = async (request: HubRequest): Promise<HubResponse> => {
    const { headers, query, method, path } = request;
    const sent = await request.body(MAX_INGEST_BODY_BYTES);
    const encoding = headers["content-encoding"];
    const body = await unpackBody(sent, encoding, MAX_INGEST_BODY_BYTES, { method, path });
    const targetLabels = senderLabels(query, request.remoteAddress);
    const outcome = await this.#ingest.exposition(body, {
      source: `ingest:${formatLabels(targetLabels)}`,
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
    const refused = ack.rejections.length > 0 ? `; refused: ${refusalText(ack.rejections)}` : "";
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

const NOTHING_WRITTEN = { samples: 0, histograms: 0, exemplars: 0 };
const MESSAGES: Readonly<Record<string, RemoteWriteVersion>> = {
  "prometheus.WriteRequest": "1.0",
  "io.prometheus.write.v2.Request": "2.0",
};
const WANTED =
  "Send application/x-protobuf;proto=io.prometheus.write.v2.Request (remote write 2.0), or " +
  "application/x-protobuf;proto=prometheus.WriteRequest (1.0, also without proto), " +
  "compressed as one snappy block (Content-Encoding: snappy).";

/** An absent type or encoding is taken as the one of 1.0. Throws 415 for anything else. */
function readVersion({ path, headers }: HubRequest): RemoteWriteVersion {
  const refuse = (found: string) =>
    new OpsError(HUB_ERRORS.unsupportedEncoding, { path, found, wanted: WANTED });
  const type = headers["content-type"] || "application/x-protobuf";
  const [media = "", ...parameters] = type.split(";").map((part) => part.trim());
  if (media.toLowerCase() !== "application/x-protobuf") throw refuse(type);
  const encoding = headers["content-encoding"] || "snappy";
  if (encoding.trim().toLowerCase() !== "snappy") throw refuse(encoding);
  const proto = parameters.find((parameter) => /^proto=/i.test(parameter));
  if (proto === undefined) return "1.0";
  const version = MESSAGES[proto.slice("proto=".length).replaceAll('"', "")];
  if (version === undefined) throw refuse(type);
  return version;
}

/** 400 tells a sender not to send again: what was good is stored. */
function writeAnswer(version: RemoteWriteVersion, outcome: RemoteWriteOutcome): HubResponse {
  const { ack, problems, written } = outcome;
  const refused = [...problems, ...ack.rejections];
  const { samples, histograms, exemplars } = written;
  const stored = `stored ${samples} samples, ${histograms} histograms, ${exemplars} exemplars`;
  const answer: HubResponse =
    refused.length > 0
      ? plainText(400, `${stored}; refused: ${refusalText(refused)}`)
      : { status: 204 };
  // 1.0 has no such headers: its senders would read a zero as a loss.
  if (version === "1.0") return answer;
  return { ...answer, headers: { ...answer.headers, ...writtenHeaders(written) } };
}

function writtenHeaders({
  samples,
  histograms,
  exemplars,
}: RemoteWriteOutcome["written"]): Readonly<Record<string, string>> {
  return {
    "x-prometheus-remote-write-samples-written": String(samples),
    "x-prometheus-remote-write-histograms-written": String(histograms),
    "x-prometheus-remote-write-exemplars-written": String(exemplars),
  };
}

function refusalText(refused: readonly RefusedRows[]): string {
  return refused.map(({ reason, count, example }) => `${count} ${reason} (${example})`).join("; ");
}

function plainText(status: number, line: string): HubResponse {
  const headers = { "content-type": "text/plain; charset=utf-8" };
  return { status, headers, body: `${line}\n` };
}
