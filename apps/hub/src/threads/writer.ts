import { bug, giveBack, seededRandom, UNLIMITED_BUDGET } from "@hms-ops/model";
import { openWriter, type ReplayProgress, type TsdbWriter } from "@hms-ops/stores/tsdb";
import {
  ExpositionIngest,
  MetadataTable,
  NamedSampleIngest,
  RemoteWriteIngest,
} from "../ingest/index.ts";
import { systemClock } from "../self/clock.ts";
import type { DecodedCalls, JobCalls, LinkCalls, WriterCalls } from "./calls.ts";
import { collectGarbage } from "./garbage.ts";
import { metricNamesIn } from "./metric-names.ts";
import { answerCalls, writeError } from "./rpc.ts";
import { answerParent } from "./thread-entry.ts";

/** The one thread that writes the metric store: whatever brings samples is decoded here. */
interface Room {
  readonly writer: TsdbWriter;
  readonly exposition: ExpositionIngest;
  readonly remoteWrite: RemoteWriteIngest;
  readonly samples: NamedSampleIngest;
  readonly metadata: MetadataTable;
}

let room: Room | undefined;
let replayed: ReplayProgress | undefined;

function opened(): Room {
  return room ?? bug("the store is used before it was opened");
}

const calls: WriterCalls = {
  open: async ({ folder, retentionMs, retentionBytes, seed }) => {
    const random = seededRandom(seed);
    const onReplay = (progress: ReplayProgress) => {
      replayed = progress;
    };
    const clock = systemClock;
    const writer = await openWriter({
      folder,
      clock,
      random,
      retentionMs,
      retentionBytes,
      onReplay,
    });
    const metadata = new MetadataTable();
    room = {
      writer,
      exposition: new ExpositionIngest(writer, metadata),
      remoteWrite: new RemoteWriteIngest(writer, metadata),
      samples: new NamedSampleIngest(writer),
      metadata,
    };
    return writer.recovery;
  },
  attach: async (link) => {
    const { writer } = opened();
    let readerId: number | undefined;
    const links: LinkCalls = {
      handles: async () => {
        const handles = writer.shared();
        readerId = handles.readerId;
        return handles;
      },
      pin: async (request) => writer.pin(request),
      unpin: async (pinId) => writer.unpin(pinId),
      setAside: (name, problem) => writer.setAside(name, problem),
    };
    answerCalls(link, links);
    link.on("close", () => {
      if (readerId !== undefined) writer.dropReader(readerId);
    });
  },
  attachDecoder: async (link) => {
    const { writer, remoteWrite, metadata } = opened();
    const decoded: DecodedCalls = {
      append: async (batch, known) => {
        const outcome = await writer.append(batch);
        return { outcome, rawKeys: writer.rawKeys(known) };
      },
      remoteWrite: async (body, version, known) => {
        const outcome = await remoteWrite.accept(body, version);
        return { outcome, rawKeys: writer.rawKeys(known) };
      },
      metadata: async (families) => {
        for (const [family, said] of families) metadata.set(family, said);
      },
    };
    answerCalls(link, decoded);
  },
  attachJobs: async (link) => {
    const { writer } = opened();
    const handles = writer.shared();
    const jobs: JobCalls = {
      handles: async () => handles,
      nextJob: async (known) => writer.nextJob(known),
      finishJob: async (result) => {
        await writer.finishJob(result);
        // Shared memory that was given up goes when no thread's heap names it any more.
        if (result.kind === "flush") collectGarbage();
      },
      failJob: async (problem) => writer.failJob(problem),
      setAside: (blockName, problem) => writer.setAside(blockName, problem),
    };
    answerCalls(link, jobs);
    link.on("close", () => {
      writer.dropReader(handles.readerId);
      void writer.failJob("the background thread ended");
    });
  },
  jobDue: () =>
    new Promise((resolve) => {
      const { writer } = opened();
      if (writer.hasJobDue) resolve();
      else writer.onJobDue = resolve;
    }),
  deleteSeries: (request) => opened().writer.delete(request),
  exemplars: (request) => opened().writer.exemplars({ ...request, budget: UNLIMITED_BUDGET }),
  requestCompaction: () => opened().writer.requestCompaction(),
  snapshotTo: (name) => opened().writer.snapshotTo(name),
  setAside: (blockName, problem) => opened().writer.setAside(blockName, problem),
  exposition: async (body, options) => {
    const outcome = await opened().exposition.accept(body, options);
    const pushed = options.source.startsWith("ingest:");
    return pushed ? { ...outcome, metricNames: metricNamesIn(body) } : outcome;
  },
  // All are read in one turn, so that the store commits them as one group; nobody needs them then.
  scrapes: async (bodies) => {
    const { exposition } = opened();
    const stored = bodies.map(({ body, options }) => exposition.accept(body, options));
    for (const { body } of bodies) giveBack(body);
    const settled = await Promise.allSettled(stored);
    return settled.map((result) =>
      result.status === "fulfilled"
        ? { outcome: result.value }
        : { error: writeError(result.reason) },
    );
  },
  remoteWrite: (body, version) => opened().remoteWrite.accept(body, version),
  samples: (samples) => opened().samples.accept(samples),
  endSource: (source, timeMs, extra) => opened().exposition.endSource(source, timeMs, extra),
  metadata: async () => opened().exposition.metadata(),
  stats: async () => opened().writer.stats(),
  blocks: async () => opened().writer.blocks,
  replayProgress: async () => replayed,
  close: async () => {
    await room?.writer.close();
  },
};

answerParent(calls);
