import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** A compressed remote-write body, ready to be sent. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly samples: number;
  /** The last step that it holds samples of. */
  readonly step: number;
}

const HEADER_BYTES = 12;
const WRITE_BYTES = 4 * 1024 * 1024;

/** Bodies one after another: length, samples, step (32 bits each, little-endian), bytes. */
export class BodyFileWriter {
  readonly #file: number;
  readonly #buffer = new Uint8Array(WRITE_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #used = 0;

  constructor(path: string) {
    this.#file = openSync(path, "w");
  }

  add({ bytes, samples, step }: Body): void {
    if (this.#used + HEADER_BYTES + bytes.length > WRITE_BYTES) this.#flush();
    this.#view.setUint32(this.#used, bytes.length, true);
    this.#view.setUint32(this.#used + 4, samples, true);
    this.#view.setUint32(this.#used + 8, step, true);
    this.#buffer.set(bytes, this.#used + HEADER_BYTES);
    this.#used += HEADER_BYTES + bytes.length;
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    writeSync(this.#file, this.#buffer, 0, this.#used);
    this.#used = 0;
  }
}

export class BodyFileReader {
  readonly #file: number;
  readonly #header = new Uint8Array(HEADER_BYTES);

  constructor(path: string) {
    this.#file = openSync(path, "r");
  }

  next(): Body | undefined {
    if (readSync(this.#file, this.#header) < HEADER_BYTES) return undefined;
    const view = new DataView(this.#header.buffer);
    const bytes = new Uint8Array(view.getUint32(0, true));
    readSync(this.#file, bytes);
    return { bytes, samples: view.getUint32(4, true), step: view.getUint32(8, true) };
  }

  close(): void {
    closeSync(this.#file);
  }
}
