import { type Labels, labelsFromPairs } from "@hms-ops/model";
import type { Disk } from "../../../../disk/index.ts";
import { Cursor, FileWindow } from "./file-window.ts";

/** A chunk as the index tells of it. */
export interface ChunkPlace {
  /** Which file of `chunks/`, from 0 on. */
  readonly segment: number;
  readonly offset: number;
}

export interface IndexedSeries {
  /** By which tombstones name it. */
  readonly reference: number;
  readonly labels: Labels;
  readonly chunks: readonly ChunkPlace[];
}

const MAGIC = 0xbaaa_d700;
const VERSION = 2;
const HEADER_BYTES = 5;
const TOC_SECTIONS = 6;
const TOC_BYTES = TOC_SECTIONS * 8;
const SERIES_ALIGNMENT = 16;
const SEGMENT = 2 ** 32;

/**
 * The `index` of a Prometheus block. What is read is checked; damage throws OPS-1331. Source:
 * Prometheus' tsdb/docs/format/index.md.
 */
export class IndexFile {
  readonly #file: FileWindow;
  readonly #symbols: SymbolTable;
  readonly #seriesFrom: number;
  readonly #seriesTo: number;

  constructor(disk: Disk, name: string) {
    const file = new FileWindow(disk, name);
    this.#file = file;
    if (file.u32(0) !== MAGIC) file.fail(0, "it is not the index of a Prometheus block");
    const version = file.bytes(4, 1)[0]!;
    if (version !== VERSION) file.fail(4, `index version ${version} is not read, only ${VERSION}`);
    const [symbols, series, ...behind] = readToc(file);
    this.#symbols = new SymbolTable(file, symbols!);
    this.#seriesFrom = series!;
    const ends = behind.filter((offset) => offset > series!);
    this.#seriesTo = Math.min(...ends, file.sizeBytes - TOC_BYTES - 4);
  }

  close(): void {
    this.#file.close();
  }

  /** In their order. */
  *series(): Generator<IndexedSeries> {
    const file = this.#file;
    let at = align(this.#seriesFrom);
    while (at < this.#seriesTo) {
      const [length, start] = file.uvarint(at);
      if (length > 0) yield this.#read(at, start, length);
      at = length > 0 ? align(start + length + 4) : at + SERIES_ALIGNMENT;
    }
  }

  #read(at: number, start: number, length: number): IndexedSeries {
    const file = this.#file;
    const fail = (problem: string) => file.fail(start, problem);
    const cursor = new Cursor(file.checked(start, length), fail);
    const references: number[] = [];
    for (let left = 2 * cursor.uvarint(); left > 0; left--) references.push(cursor.uvarint());
    const chunks: ChunkPlace[] = [];
    let place = 0;
    for (let left = cursor.uvarint(); left > 0; left--) {
      // The first time and the length of it; both stand in the chunk, too.
      cursor.uvarint();
      cursor.uvarint();
      place = chunks.length === 0 ? cursor.uvarint() : place + cursor.varint();
      chunks.push({ segment: Math.floor(place / SEGMENT), offset: place % SEGMENT });
    }
    const texts = references.map((reference) => this.#symbols.text(reference));
    return { reference: at / SERIES_ALIGNMENT, labels: labelsFromPairs(pairsOf(texts)), chunks };
  }
}

/** Offsets of the sections, symbols and series first. */
function readToc(file: FileWindow): readonly number[] {
  const offset = file.sizeBytes - TOC_BYTES - 4;
  if (offset < HEADER_BYTES) file.fail(0, "the file ends before its table of contents");
  const toc = file.checked(offset, TOC_BYTES);
  const view = new DataView(toc.buffer, toc.byteOffset, toc.length);
  return Array.from({ length: TOC_SECTIONS }, (_, section) =>
    Number(view.getBigUint64(section * 8)),
  );
}

function align(offset: number): number {
  return Math.ceil(offset / SERIES_ALIGNMENT) * SERIES_ALIGNMENT;
}

function pairsOf(texts: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < texts.length; i += 2) pairs.push([texts[i]!, texts[i + 1]!]);
  return pairs;
}

/** All texts of the index; made into strings when they are first asked for. */
class SymbolTable {
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #texts: (string | undefined)[] = [];
  readonly #decoder = new TextDecoder();
  readonly #fail: (problem: string) => never;

  constructor(file: FileWindow, offset: number) {
    this.#fail = (problem) => file.fail(offset, problem);
    const body = file.checked(offset + 4, file.u32(offset)).slice();
    const count = new DataView(body.buffer).getUint32(0);
    if (count > body.length) this.#fail("it claims more symbols than it can hold");
    const cursor = new Cursor(body, this.#fail);
    cursor.at = 4;
    this.#bytes = body;
    this.#starts = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) {
      this.#starts[i] = cursor.at;
      cursor.bytes(cursor.uvarint());
    }
    this.#starts[count] = cursor.at;
  }

  text(reference: number): string {
    const known = this.#texts[reference];
    if (known !== undefined) return known;
    const start = this.#starts[reference];
    const end = this.#starts[reference + 1];
    if (start === undefined || end === undefined) return this.#fail(`no symbol ${reference}`);
    const cursor = new Cursor(this.#bytes.subarray(start, end), this.#fail);
    const text = this.#decoder.decode(cursor.bytes(cursor.uvarint()));
    this.#texts[reference] = text;
    return text;
  }
}
