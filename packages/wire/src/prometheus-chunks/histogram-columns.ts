import { type BitReader, XorReader } from "./bit-reader.ts";
import { type BitWriter, XorWriter } from "./bit-writer.ts";

const scratch = new DataView(new ArrayBuffer(8));

/** One count of all histograms of a chunk, one after the other. */
export interface CountReader {
  /** The first one; the count of all or of zeros. */
  startTotal(reader: BitReader): number;
  /** The first one; of a bucket. */
  startBucket(reader: BitReader): number;
  next(reader: BitReader): number;
}

export interface CountWriter {
  startTotal(writer: BitWriter, value: number): void;
  startBucket(writer: BitWriter, value: number): void;
  next(writer: BitWriter, value: number): void;
}

/** Whole numbers: the first stands whole, the next ones as changes of the change. */
export class WholeReader implements CountReader {
  #value = 0;
  #change = 0;

  startTotal(reader: BitReader): number {
    this.#value = reader.varbitUint();
    return this.#value;
  }

  startBucket(reader: BitReader): number {
    this.#value = reader.varbitInt();
    return this.#value;
  }

  next(reader: BitReader): number {
    this.#change += reader.varbitInt();
    this.#value += this.#change;
    return this.#value;
  }
}

export class WholeWriter implements CountWriter {
  #value = 0;
  #change = 0;

  startTotal(writer: BitWriter, value: number): void {
    this.#value = value;
    writer.varbitUint(value);
  }

  startBucket(writer: BitWriter, value: number): void {
    this.#value = value;
    writer.varbitInt(value);
  }

  next(writer: BitWriter, value: number): void {
    const change = value - this.#value;
    writer.varbitInt(change - this.#change);
    this.#value = value;
    this.#change = change;
  }
}

/** Doubles: the first stands whole, the next ones as XOR with the one before. */
export class DoubleReader implements CountReader {
  readonly #column = new XorReader();

  get high(): number {
    return this.#column.high;
  }

  get low(): number {
    return this.#column.low;
  }

  startTotal(reader: BitReader): number {
    this.#column.start(reader);
    return this.#value();
  }

  startBucket(reader: BitReader): number {
    return this.startTotal(reader);
  }

  next(reader: BitReader): number {
    this.#column.next(reader);
    return this.#value();
  }

  #value(): number {
    scratch.setUint32(0, this.#column.high);
    scratch.setUint32(4, this.#column.low);
    return scratch.getFloat64(0);
  }
}

export class DoubleWriter implements CountWriter {
  readonly #column = new XorWriter();

  startTotal(writer: BitWriter, value: number): void {
    scratch.setFloat64(0, value);
    this.#column.start(writer, scratch.getUint32(0), scratch.getUint32(4));
  }

  startBucket(writer: BitWriter, value: number): void {
    this.startTotal(writer, value);
  }

  next(writer: BitWriter, value: number): void {
    scratch.setFloat64(0, value);
    this.nextWords(writer, scratch.getUint32(0), scratch.getUint32(4));
  }

  nextWords(writer: BitWriter, high: number, low: number): void {
    this.#column.next(writer, high, low);
  }
}
