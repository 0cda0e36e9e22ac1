import type { HeadPlaces, SeriesParts } from "../ports.ts";
import { wordsToShare } from "../shared.ts";
import type { OpenBlock } from "./open-blocks.ts";
import type { SeriesTable } from "./series-table.ts";

/** Series of the head in the order of their ids. */
export interface HeadSeries extends HeadPlaces {
  readonly ids: Uint32Array;
}

/** Series of one block: ordinals and what the table calls them. */
export interface BlockSeries {
  readonly open: OpenBlock;
  readonly ordinals: Uint32Array;
  readonly numbers: Uint32Array;
}

/** Where the samples of each series of a snapshot are. */
export interface PlacedSeries {
  readonly count: number;
  readonly head: HeadPlaces;
  readonly blocks: readonly OpenBlock[];
  /** Absent when all are the head's alone, in its order. */
  readonly parts: SeriesParts | undefined;
}

/** The same, and which series they are. */
export interface JoinedSeries extends PlacedSeries {
  /** What the table calls each series. */
  readonly numbers: Uint32Array;
  readonly table: SeriesTable;
}

/** Joins sources by label set. Keeps its working memory from query to query. */
export class SeriesJoin {
  readonly #table: SeriesTable;
  /** By series number: number of the join that met it last, and its place there. */
  #metBy = new Uint32Array(0);
  #placeOf = new Uint32Array(0);
  #join = 0;

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  /** Series come in the order of the first source that has them. */
  join(blocks: readonly BlockSeries[], head: HeadSeries): JoinedSeries {
    const table = this.#table;
    const headNumbers = table.ofHead(head.ids);
    const opened = blocks.map(({ open }) => open);
    if (blocks.length === 0) {
      const count = headNumbers.length;
      return { count, numbers: headNumbers, table, head, blocks: opened, parts: undefined };
    }
    const lists = [...blocks.map((block) => block.numbers), headNumbers];
    const { places, numbers } = this.#placesOf(lists);
    const rows = [...blocks.map(({ ordinals }) => ordinals), head.rows];
    const count = numbers.length;
    return { count, numbers, table, head, blocks: opened, parts: partsOf(places, count, rows) };
  }

  /** The place in the answer of each entry of each list; the number that stands at each place. */
  #placesOf(lists: readonly Uint32Array[]) {
    this.#begin();
    const metBy = this.#metBy;
    const placeOf = this.#placeOf;
    const join = this.#join;
    const places = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
    const numbers = new Uint32Array(Math.min(places.length, this.#table.seriesCount));
    let count = 0;
    let i = 0;
    for (const list of lists) {
      for (let k = 0; k < list.length; k++) {
        const number = list[k]!;
        if (metBy[number] !== join) {
          metBy[number] = join;
          placeOf[number] = count;
          numbers[count++] = number;
        }
        places[i++] = placeOf[number]!;
      }
    }
    return { places, numbers: numbers.subarray(0, count) };
  }

  #begin(): void {
    const { seriesCount } = this.#table;
    this.#join++;
    if (seriesCount <= this.#metBy.length && this.#join < 0xffff_ffff) return;
    const length = Math.max(seriesCount, 2 * this.#metBy.length);
    this.#metBy = new Uint32Array(length);
    this.#placeOf = new Uint32Array(length);
    this.#join = 1;
  }
}

/** Sorts the entries of the sources by place; those of one place stay in order. */
function partsOf(places: Uint32Array, count: number, lists: readonly Uint32Array[]): SeriesParts {
  const starts = wordsToShare(count + 1);
  for (let i = 0; i < places.length; i++) starts[places[i]! + 1]!++;
  for (let k = 0; k < count; k++) starts[k + 1]! += starts[k]!;
  const next = starts.slice();
  const sources = new Uint16Array(places.length);
  const rows = wordsToShare(places.length);
  let i = 0;
  for (let source = 0; source < lists.length; source++) {
    const list = lists[source]!;
    for (let k = 0; k < list.length; k++) {
      const place = places[i++]!;
      const at = next[place]!;
      next[place] = at + 1;
      sources[at] = source;
      rows[at] = list[k]!;
    }
  }
  return { starts, sources, rows };
}
