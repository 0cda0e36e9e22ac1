import { OpsError } from "@hms-ops/model";
import { STORE_ERRORS } from "../errors.ts";
import { checksum } from "./codec.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { decodeFrame, encodeFrame, FRAME_VERSION, type Frame, findFrame } from "./frame.ts";

const MAGIC = "HMS-WAL";
const SEGMENT_VERSION = 1;
const SEGMENT_HEADER_BYTES = 16;
const SEGMENT_NAME = /^(\d{8,})\.wal$/;
const ASIDE = "aside";

export interface WalRecord {
  readonly kind: number;
  readonly payload: Uint8Array;
}

export interface WalSegment {
  readonly number: number;
  readonly sizeBytes: number;
}

/** Numbers of segments; `current` is being read. */
export interface ReplayProgress {
  readonly first: number;
  readonly last: number;
  readonly current: number;
}

/** What replay found. Damage is set aside in `aside/`, byte for byte. */
export interface WalRecovery {
  readonly segments: number;
  readonly tornTails: number;
  readonly damagedStretches: number;
  readonly damagedBytes: number;
}

interface ActiveSegment {
  readonly number: number;
  readonly file: DiskFile;
  sizeBytes: number;
}

/**
 * A log of records in numbered segments. Knows bytes and kinds, not what they mean. Never appends
 * to a segment of an earlier process.
 */
export class Wal {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #sizes = new Map<number, number>();
  #active: ActiveSegment | undefined;
  /** A segment whose end, from here on, nobody was thanked for; cut before anything else is kept. */
  #left: WalSegment | undefined;
  #lastNumber = 0;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /** All segments, oldest first; the active one is the last. */
  get segments(): readonly WalSegment[] {
    return [...this.#sizes].map(([number, sizeBytes]) => ({ number, sizeBytes }));
  }

  /** Number of the segment that the next commit writes to. */
  get activeNumber(): number {
    return this.#active?.number ?? this.#lastNumber + 1;
  }

  get activeBytes(): number {
    return this.#active?.sizeBytes ?? 0;
  }

  /**
   * Hands over every whole record of every segment, in order. Must be called once, before the
   * first commit. Payloads may be kept no longer than the call.
   */
  async replay(
    visit: (record: WalRecord, segment: number) => void,
    onProgress: (progress: ReplayProgress) => void = () => {},
  ): Promise<WalRecovery> {
    await this.#disk.makeFolder(this.#folder);
    // What is answered from now on, and what is absent, must be so after a power cut, too.
    await this.#disk.syncFolder(this.#folder);
    const numbers = (await this.#disk.list(this.#folder))
      .map((name) => Number(SEGMENT_NAME.exec(name)?.[1]))
      .filter((number) => number > 0)
      .sort((a, b) => a - b);
    const found = { segments: 0, tornTails: 0, damagedStretches: 0, damagedBytes: 0 };
    for (const number of numbers) {
      this.#lastNumber = number;
      onProgress({ first: numbers[0]!, last: numbers.at(-1)!, current: number });
      await this.#replaySegment(number, number === numbers.at(-1), visit, found);
    }
    return found;
  }

  /**
   * Appends records made by `walFrame`, of which only the first begins a group, and makes them durable. When it rejects, none of them
   * counts: the segment is cut back and left, and the next commit starts a new one, which must
   * repeat whatever the left one defined.
   */
  async commit(frames: readonly Uint8Array[]): Promise<void> {
    await this.#cutLeft().catch((error: unknown) => {
      // What these frames take for defined was in the segment that now is never made.
      this.#lastNumber++;
      throw error;
    });
    const active = this.#active;
    const parts = active ? frames : [segmentHeader(this.#lastNumber + 1), ...frames];
    let addedBytes = 0;
    for (const part of parts) addedBytes += part.length;
    const segment = active ?? (await this.#create());
    try {
      await segment.file.append(parts);
      await segment.file.sync();
      if (!active) await this.#disk.syncFolder(this.#folder);
    } catch (error) {
      await this.#abandon(segment);
      throw error;
    }
    segment.sizeBytes += addedBytes;
    this.#sizes.set(segment.number, segment.sizeBytes);
  }

  /** The next commit starts a new segment. */
  async rotate(): Promise<void> {
    const active = this.#active;
    this.#active = undefined;
    await active?.file.close();
  }

  /** Forgets a segment that is not the active one. */
  async drop(number: number): Promise<void> {
    this.#sizes.delete(number);
    await this.#remove(number);
  }

  async close(): Promise<void> {
    await this.rotate();
  }

  async #create(): Promise<ActiveSegment> {
    // A number is used once, even if making its file failed half way.
    const number = ++this.#lastNumber;
    const file = await this.#disk.create(this.#pathOf(number));
    this.#active = { number, file, sizeBytes: 0 };
    return this.#active;
  }

  /** After a failed write or sync the descriptor is never trusted again: cut by path, and leave. */
  async #abandon({ number, file, sizeBytes }: ActiveSegment): Promise<void> {
    this.#active = undefined;
    this.#left = { number, sizeBytes };
    await file.close().catch(ignore);
    await this.#cutLeft().catch(ignore);
  }

  /** Replay would take in what stands there, ahead of what is acknowledged later. */
  async #cutLeft(): Promise<void> {
    if (!this.#left) return;
    const { number, sizeBytes } = this.#left;
    if (sizeBytes > 0) await this.#disk.truncate(this.#pathOf(number), sizeBytes);
    else await this.#remove(number);
    this.#left = undefined;
  }

  /** Durably, also where an earlier try was cut short. */
  async #remove(number: number): Promise<void> {
    const isThere = (await this.#disk.list(this.#folder)).includes(`${segmentName(number)}.wal`);
    if (isThere) await this.#disk.remove(this.#pathOf(number));
    await this.#disk.syncFolder(this.#folder);
  }

  async #replaySegment(
    number: number,
    isLast: boolean,
    visit: (record: WalRecord, segment: number) => void,
    found: { -readonly [Name in keyof WalRecovery]: number },
  ): Promise<void> {
    const path = this.#pathOf(number);
    const bytes = await this.#disk.read(path, 0, await this.#disk.sizeOf(path));
    found.segments++;
    const stretches: [from: number, to: number][] = [];
    let at = SEGMENT_HEADER_BYTES;
    if (!isWholeHeader(bytes, number, path)) {
      at = afterDamage(bytes, 0, isLast);
      stretches.push([0, at]);
    }
    let lastGroupAt = 0;
    while (at < bytes.length) {
      const decoded = decodeFrame(bytes, at);
      if (decoded) {
        if (decoded.frame.beginsGroup) lastGroupAt = at;
        visit(knownFrame(decoded.frame, path), number);
        at = decoded.next;
        // No checksum covers it, and it is zero: else the file is not what was written.
        const hasChanged = bytes.subarray(decoded.end, at).some((byte) => byte !== 0);
        if (hasChanged) stretches.push([decoded.end, Math.min(at, bytes.length)]);
        continue;
      }
      const next = afterDamage(bytes, at + 8, isLast);
      stretches.push([at, next]);
      at = next;
    }
    const tail = stretches.at(-1);
    const isTorn = isLast && tail?.[1] === bytes.length;
    if (isTorn) {
      const [from, to] = stretches.pop()!;
      if (findFrame(bytes, from) < to) await this.#setAside(number, from, bytes.subarray(from, to));
    }
    for (const [from, to] of stretches)
      await this.#setAside(number, from, bytes.subarray(from, to));
    found.damagedStretches += stretches.length;
    for (const [from, to] of stretches) found.damagedBytes += to - from;
    if (isTorn) found.tornTails++;
    const kept = isTorn ? bytes.subarray(0, tail?.[0]) : bytes;
    if (kept.length <= SEGMENT_HEADER_BYTES && isTorn) await this.drop(number);
    else {
      // The end of the last segment may never have been synced, or in vain: then it reads well from
      // the system's cache, and is never written. No group follows one that was not.
      if (isLast) await this.#disk.renewEnd(path, lastGroupAt, kept.subarray(lastGroupAt));
      this.#sizes.set(number, kept.length);
    }
  }

  async #setAside(number: number, from: number, bytes: Uint8Array): Promise<void> {
    const folder = this.#disk.join(this.#folder, ASIDE);
    const name = `${segmentName(number)}-${from}.bad`;
    await this.#disk.makeFolder(folder);
    if ((await this.#disk.list(folder)).includes(name)) return;
    const file = await this.#disk.create(this.#disk.join(folder, name));
    await file.append([bytes]);
    await file.sync();
    await file.close();
  }

  #pathOf(number: number): string {
    return this.#disk.join(this.#folder, `${segmentName(number)}.wal`);
  }
}

/** One record as `Wal.commit` takes it. */
export function walFrame({ kind, payload }: WalRecord, beginsGroup: boolean): Uint8Array {
  return encodeFrame({ kind, payload, beginsGroup });
}

/**
 * Where replay goes on. In the last segment whole frames may stand behind a bad one of a group that
 * was never synced: they may need what is lost, and go with it.
 */
function afterDamage(bytes: Uint8Array<ArrayBuffer>, from: number, isLast: boolean): number {
  const next = findFrame(bytes, from);
  for (let at = next; isLast && at < bytes.length; ) {
    const decoded = decodeFrame(bytes, at);
    if (decoded?.frame.beginsGroup) return next;
    at = decoded?.next ?? findFrame(bytes, at + 8);
  }
  return isLast ? bytes.length : next;
}

function segmentName(number: number): string {
  return String(number).padStart(8, "0");
}

function segmentHeader(number: number): Uint8Array {
  const header = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(header.buffer);
  new TextEncoder().encodeInto(MAGIC, header);
  view.setUint8(7, SEGMENT_VERSION);
  view.setUint32(8, number, true);
  view.setUint32(12, checksum(header.subarray(0, 12)), true);
  return header;
}

/** False if it is damaged; throws OPS-1305 if it is whole and of a newer version. */
function isWholeHeader(bytes: Uint8Array<ArrayBuffer>, number: number, path: string): boolean {
  if (bytes.length < SEGMENT_HEADER_BYTES) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES);
  if (view.getUint32(12, true) !== checksum(bytes.subarray(0, 12))) return false;
  refuseNewer(view.getUint8(7), SEGMENT_VERSION, path);
  return view.getUint32(8, true) === number;
}

function knownFrame(frame: Frame, path: string): Frame {
  refuseNewer(frame.version, FRAME_VERSION, path);
  return frame;
}

function refuseNewer(version: number, known: number, file: string): void {
  if (version > known) throw new OpsError(STORE_ERRORS.newerFormat, { file, version, known });
}

function ignore(): void {
  // The failure that led here is the one to tell.
}
