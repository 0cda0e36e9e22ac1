import { bug, giveBack, type Labels } from "@hms-ops/model";
import {
  type ReplayProgress,
  type Wal,
  type WalRecord,
  type WalRecovery,
  walFrame,
} from "../../disk/index.ts";
import { DEFINED_IN, type HeadState, STATE_WORDS } from "../head/head-state.ts";
import type { IndexReader } from "../index/index-reader.ts";
import type { IndexWriter } from "../index/index-writer.ts";
import {
  DEFINITIONS_RECORD,
  DELETION_RECORD,
  type Definitions,
  type Deletion,
  isEmptyRecord,
  RecordWriter,
  readDefinitions,
  readDeletion,
  SAMPLES_RECORD,
  SamplesReader,
  type SeriesDefinition,
  type StoredRows,
  writeDefinitions,
  writeDeletion,
  writeSamples,
} from "./records.ts";

/** A segment is closed only once its samples outweigh what it must repeat of the index. */
const DEFINITION_SHARE = 4;

export const UNKNOWN_ID = 0xffff_ffff;

const NO_ROWS: StoredRows = {
  count: 0,
  ids: new Uint32Array(0),
  timesMs: new Float64Array(0),
  valueWords: new Uint32Array(0),
  batchId: "",
  accepted: 0,
  histograms: [],
  exemplars: [],
};

/** What the sender of a batch with an id was told. */
export interface AcknowledgedBatch {
  readonly batchId: string;
  readonly accepted: number;
}

/**
 * The store's side of the WAL: what each segment must define again, and which times it reaches to.
 * Frames are staged batch by batch and committed together.
 */
export class Journal {
  readonly #wal: Wal;
  readonly #index: IndexWriter;
  readonly #texts: IndexReader;
  readonly #state: HeadState;
  readonly #segmentBytes: number;
  readonly #record = new RecordWriter();
  #frames: Uint8Array[] = [];
  #stagedMaxMs = Number.NEGATIVE_INFINITY;
  #definitionBytes = 0;
  /** Segments closed for their size. */
  fullSegments = 0;
  readonly #maxMs = new Map<number, number>();

  constructor(
    wal: Wal,
    index: IndexWriter,
    texts: IndexReader,
    state: HeadState,
    segmentBytes: number,
  ) {
    this.#wal = wal;
    this.#index = index;
    this.#texts = texts;
    this.#state = state;
    this.#segmentBytes = segmentBytes;
  }

  get sizeBytes(): number {
    return this.#wal.segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  get segmentCount(): number {
    return this.#wal.segments.length;
  }

  /** Greatest sample time of each closed segment. */
  get closedSegments(): readonly { readonly number: number; readonly maxMs: number }[] {
    const active = this.#wal.activeNumber;
    return this.#wal.segments
      .filter(({ number }) => number !== active)
      .map(({ number }) => ({
        number,
        maxMs: this.#maxMs.get(number) ?? Number.NEGATIVE_INFINITY,
      }));
  }

  /** Must be called once, first. */
  replay(visitor: ReplayVisitor): Promise<WalRecovery> {
    const replayer = new Replayer({
      onSeries: visitor.onSeries,
      onRows: (rows, segment) => {
        this.#reach(segment, greatestTime(rows));
        visitor.onRows(rows, segment);
      },
      onDeletion: (deletion, segment) => {
        this.#reach(segment, Number.POSITIVE_INFINITY);
        visitor.onDeletion(deletion, segment);
      },
    });
    return this.#wal.replay(
      (record, segment) => replayer.take(record, segment),
      visitor.onProgress,
    );
  }

  /** Between groups: closes a segment that is large enough. */
  async rotateIfLarge(): Promise<void> {
    const bytes = this.#wal.activeBytes;
    const isLarge = bytes >= this.#segmentBytes;
    if (!isLarge || bytes < DEFINITION_SHARE * this.#definitionBytes) return;
    this.fullSegments++;
    await this.rotate();
  }

  async rotate(): Promise<void> {
    this.#definitionBytes = 0;
    await this.#wal.rotate();
  }

  /** Encodes a batch's rows, with whatever the segment has not defined yet. */
  stage(rows: StoredRows): void {
    if (isEmptyRecord(rows)) return;
    this.#stageDefinitions(idsOf(rows));
    this.#record.reset();
    writeSamples(this.#record, rows);
    this.#stageRecord(SAMPLES_RECORD);
    this.#stagedMaxMs = Math.max(this.#stagedMaxMs, greatestTime(rows));
  }

  /** Twice, each time with all that it needs: damage to one must not bring back what was deleted. */
  stageDeletion(deletion: Deletion): void {
    for (let copy = 0; copy < 2; copy++) {
      this.#stageDefinitions(deletion.ids, true);
      this.#record.reset();
      writeDeletion(this.#record, deletion);
      this.#stageRecord(DELETION_RECORD, deletion.ids.length === 0);
    }
    // The segment must not go before the samples that it speaks of.
    this.#stagedMaxMs = Number.POSITIVE_INFINITY;
  }

  /** Makes what was staged durable. When it rejects, nothing of it is, and nothing stays staged. */
  async commit(): Promise<void> {
    const frames = this.#frames;
    const maxMs = this.#stagedMaxMs;
    this.discard();
    if (frames.length === 0) return;
    const segment = this.#wal.activeNumber;
    await this.#wal.commit(frames);
    for (const frame of frames) giveBack(frame);
    this.#reach(segment, maxMs);
  }

  /** Repeats what senders were told, so that it outlives the segments that said it ([WAL6]). */
  async carryOver(acknowledged: Iterable<AcknowledgedBatch>): Promise<void> {
    for (const { batchId, accepted } of acknowledged) {
      this.stage({ ...NO_ROWS, batchId, accepted });
    }
    await this.commit();
  }

  discard(): void {
    this.#frames = [];
    this.#stagedMaxMs = Number.NEGATIVE_INFINITY;
  }

  async drop(segment: number): Promise<void> {
    this.#maxMs.delete(segment);
    await this.#wal.drop(segment);
  }

  close(): Promise<void> {
    return this.#wal.close();
  }

  #reach(segment: number, timeMs: number): void {
    const known = this.#maxMs.get(segment) ?? Number.NEGATIVE_INFINITY;
    this.#maxMs.set(segment, Math.max(known, timeMs));
  }

  #stageDefinitions(ids: Uint32Array, isAnew = false): void {
    const segment = this.#wal.activeNumber;
    const { words } = this.#state;
    let definitions: DefinitionList | undefined;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      const stamp = id * STATE_WORDS + DEFINED_IN;
      if (words[stamp] === segment && !isAnew) continue;
      words[stamp] = segment;
      definitions ??= new DefinitionList(this.#texts);
      definitions.add(id, this.#index.pairsOf(id));
    }
    if (!definitions) return;
    this.#record.reset();
    writeDefinitions(this.#record, definitions);
    this.#definitionBytes += this.#stageRecord(DEFINITIONS_RECORD, isAnew);
  }

  /** Answers its bytes. What needs no frame before it counts as the beginning of a group. */
  #stageRecord(kind: number, needsNone = false): number {
    const beginsGroup = needsNone || this.#frames.length === 0;
    const frame = walFrame({ kind, payload: this.#record.written }, beginsGroup);
    this.#frames.push(frame);
    return frame.length;
  }
}

class DefinitionList implements Definitions {
  readonly pairs: string[] = [];
  readonly series: SeriesDefinition[] = [];
  readonly #texts: IndexReader;
  readonly #places = new Map<number, number>();

  constructor(texts: IndexReader) {
    this.#texts = texts;
  }

  add(series: number, pairs: readonly number[]): void {
    this.series.push({ series, pairs: pairs.map((pair) => this.#placeOf(pair)) });
  }

  #placeOf(pair: number): number {
    const known = this.#places.get(pair);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(pair, place);
    this.pairs.push(...this.#texts.pairText(pair));
    return place;
  }
}

/** Whoever takes in what replay finds, in the order in which it was written. */
export interface ReplayVisitor {
  /** The number under which this process knows the series. */
  readonly onSeries: (labels: Labels) => number;
  readonly onRows: (rows: StoredRows, segment: number) => void;
  readonly onDeletion: (deletion: Deletion, segment: number) => void;
  /** Before each segment. */
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined;
}

/** Turns the numbers of each segment into those of this process. */
class Replayer {
  readonly #visitor: ReplayVisitor;
  readonly #samples = new SamplesReader();
  #ids = new Uint32Array(1_024).fill(UNKNOWN_ID);
  #segment = 0;

  constructor(visitor: ReplayVisitor) {
    this.#visitor = visitor;
  }

  take({ kind, payload }: WalRecord, segment: number): void {
    if (segment !== this.#segment) {
      this.#segment = segment;
      this.#ids.fill(UNKNOWN_ID);
    }
    if (kind === DEFINITIONS_RECORD) this.#define(payload);
    else if (kind === SAMPLES_RECORD) this.#replayRows(payload, segment);
    else if (kind === DELETION_RECORD) this.#replayDeletion(payload, segment);
    else bug(`WAL record of kind ${kind}, which its version does not have`);
  }

  #define(payload: Uint8Array): void {
    readDefinitions(payload, (series, labels) => {
      this.#reserve(series);
      this.#ids[series] = this.#visitor.onSeries(labels);
    });
  }

  #replayRows(payload: Uint8Array, segment: number): void {
    const samples = this.#samples;
    samples.read(payload);
    const { ids, count } = samples;
    // Definitions lost to damage leave their rows without a series: those are skipped, not the rest.
    for (let i = 0; i < count; i++) ids[i] = this.#ids[ids[i]!] ?? UNKNOWN_ID;
    this.#visitor.onRows(
      {
        ...columnsOf(samples),
        histograms: samples.histograms.map((one) => ({ ...one, id: this.#idOf(one.id) })),
        exemplars: samples.exemplars.map((one) => ({ ...one, id: this.#idOf(one.id) })),
      },
      segment,
    );
  }

  #replayDeletion(payload: Uint8Array, segment: number): void {
    const { fromMs, toMs, ids } = readDeletion(payload);
    const known = ids.map((id) => this.#idOf(id)).filter((id) => id !== UNKNOWN_ID);
    this.#visitor.onDeletion({ fromMs, toMs, ids: known }, segment);
  }

  #idOf(series: number): number {
    return this.#ids[series] ?? UNKNOWN_ID;
  }

  #reserve(series: number): void {
    if (series < this.#ids.length) return;
    const ids = new Uint32Array(Math.max(series + 1, this.#ids.length * 2)).fill(UNKNOWN_ID);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}

function columnsOf(rows: StoredRows): Omit<StoredRows, "histograms" | "exemplars"> {
  const { count, ids, timesMs, valueWords, batchId, accepted } = rows;
  return { count, ids, timesMs, valueWords, batchId, accepted };
}

/** Of all rows, histograms and exemplars. */
function idsOf({ ids, count, histograms, exemplars }: StoredRows): Uint32Array {
  const own = ids.subarray(0, count);
  if (histograms.length + exemplars.length === 0) return own;
  const others = [...histograms, ...exemplars].map(({ id }) => id);
  const all = new Uint32Array(count + others.length);
  all.set(own);
  all.set(others, count);
  return all;
}

/** What is not told by its times stays until a flush: the end of time. */
function greatestTime({ count, timesMs, histograms }: StoredRows): number {
  if (count + histograms.length === 0) return Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) if (timesMs[i]! > greatest) greatest = timesMs[i]!;
  for (const { timeMs } of histograms) if (timeMs > greatest) greatest = timeMs;
  return greatest;
}
