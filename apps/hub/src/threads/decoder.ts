import {
  bug,
  OpsError,
  type SampleBatch,
  type SeriesResolver,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import { RawKeyReader } from "@hms-ops/stores/tsdb";
import { HUB_ERRORS } from "../errors.ts";
import { MetadataTable, RemoteWriteIngest } from "../ingest/index.ts";
import type { DecodedCalls, DecoderCalls } from "./calls.ts";
import { Caller } from "./rpc.ts";
import { answerParent } from "./thread-entry.ts";

/**
 * A thread that reads remote-write bodies, so that the writer gets columns. It keeps nothing but
 * what it was told of the writer's raw keys, in shared memory.
 */
interface Room {
  readonly writer: Caller<DecodedCalls>;
  readonly ingest: RemoteWriteIngest;
  readonly metadata: MetadataTable;
}

/** With more new series than this the writer reads the body itself: label sets are slow to hand over. */
const NEW_SERIES_MAX = 64;

/** Ends the reading of a body that the writer shall read. */
class TooManyNewSeries extends Error {}

const rawKeys = new RawKeyReader();
let room: Room | undefined;

async function append(writer: Caller<DecodedCalls>, batch: SampleBatch) {
  const { ids, timesMs, values, stale } = batch;
  const columns = [ids.buffer, timesMs.buffer, values.buffer, stale.buffer] as ArrayBuffer[];
  const answer = await writer.call("append", [batch, rawKeys.known], columns);
  rawKeys.learn(answer.rawKeys);
  return answer.outcome;
}

/** As the writer's, but gives up early: what it reads in vain the writer reads once more. */
function resolver(source: string): SeriesResolver {
  const known = rawKeys.resolver(source);
  let unknown = 0;
  return {
    expect: (bytes, start, end) => known.expect?.(bytes, start, end) ?? -1,
    get expected() {
      return known.expected ?? UNKNOWN_SERIES;
    },
    find: (bytes, start, end) => {
      const series = known.find(bytes, start, end);
      if (series === UNKNOWN_SERIES && ++unknown > NEW_SERIES_MAX) throw new TooManyNewSeries();
      return series;
    },
  };
}

const calls: DecoderCalls = {
  join: async (link) => {
    const writer = new Caller<DecodedCalls>(link);
    link.on("close", () => {
      const inputs = { thread: "writer", reason: "its port was closed" };
      writer.end(new OpsError(HUB_ERRORS.threadEnded, inputs));
    });
    const metadata = new MetadataTable();
    const store = {
      resolver,
      append: (batch: SampleBatch) => append(writer, batch),
    };
    room = { writer, metadata, ingest: new RemoteWriteIngest(store, metadata) };
  },
  remoteWrite: async (body, version) => {
    const { writer, ingest, metadata } = room ?? bug("a decoder is asked before it joined");
    try {
      const outcome = await ingest.accept(body, version);
      const families = metadata.takeChanges();
      if (families.size > 0) await writer.call("metadata", [families]);
      return outcome;
    } catch (error) {
      if (!(error instanceof TooManyNewSeries)) throw error;
      const answer = await writer.call(
        "remoteWrite",
        [body, version, rawKeys.known],
        [body.buffer],
      );
      rawKeys.learn(answer.rawKeys);
      return answer.outcome;
    }
  },
};

answerParent(calls);
