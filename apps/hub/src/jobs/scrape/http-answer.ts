import { OpsError } from "@hms-ops/model";
import { SCRAPE_ERRORS } from "./errors.ts";
import { ANSWER_HEAD_BYTES_MAX } from "./limits.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const START = "HTTP/";
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/;
/** A body of a length that its head tells is given so much room at once; a larger one as it comes. */
const TRUSTED_BODY_BYTES = 1024 * 1024;
const FIRST_BODY_BYTES = 16 * 1024;

type Part =
  | "head"
  | "sized body"
  | "body up to the end"
  | "chunk size"
  | "chunk"
  | "chunk end"
  | "trailers"
  | "nothing";

/**
 * One answer of HTTP/1, read as its bytes come; or bare text, which small exporters write without
 * status line and headers. Only the body of a 200 is read. Throws where it is no answer that can be
 * read, and an OpsError where its body is larger than the limit.
 */
export class HttpAnswer {
  /** 0 = its head is not there yet. */
  status = 0;
  statusText = "";
  /** Names in small letters. */
  readonly headers = new Map<string, string>();
  /** It came without status line and headers. */
  isBare = false;
  hasBegun = false;
  readonly #body: GrowingBody;
  #part: Part = "head";
  /** What came of the head, or of a line of a chunked body. */
  #text = "";
  /** Bytes of the line of the head that is being read, without its end. */
  #lineBytes = 0;
  /** Bytes of the body, or of the chunk, that are still to come. */
  #leftBytes = 0;
  #isKeptAlive = false;

  constructor(limitBytes: number) {
    this.#body = new GrowingBody(limitBytes);
  }

  get isWhole(): boolean {
    return this.#part === "nothing";
  }

  /** Whether the connection may be asked again, once the answer is whole. */
  get isKeptAlive(): boolean {
    return this.#isKeptAlive;
  }

  /** To be called once it is whole; nobody else holds it. */
  takeBody(): Uint8Array<ArrayBuffer> {
    return this.#body.take();
  }

  /** Takes what came; the caller may change the bytes afterwards. */
  take(bytes: Uint8Array): void {
    let at = 0;
    if (!this.hasBegun || this.#text.length < START.length) this.#lookForStart(bytes);
    this.hasBegun = true;
    while (at < bytes.length && this.#part !== "nothing") at = this.#takePart(bytes, at);
    // Nobody asked for what stands behind the answer.
    if (at < bytes.length) this.#isKeptAlive = false;
  }

  /** To be called when the connection ended before the answer was whole. */
  end(): void {
    if (this.#part !== "body up to the end") {
      throw new Error("the connection was closed before the answer was whole");
    }
    this.#part = "nothing";
  }

  #lookForStart(bytes: Uint8Array): void {
    if (this.#part !== "head") return;
    const start = this.#text + latin1(bytes, 0, START.length - this.#text.length);
    if (START.startsWith(start)) return;
    this.isBare = true;
    this.status = 200;
    this.#part = "body up to the end";
    this.#body.add(Buffer.from(this.#text, "latin1"));
  }

  /** Answers where the next part begins. */
  #takePart(bytes: Uint8Array, at: number): number {
    switch (this.#part) {
      case "head":
        return this.#takeHead(bytes, at);
      case "body up to the end":
        this.#body.add(bytes.subarray(at));
        return bytes.length;
      case "sized body":
      case "chunk":
        return this.#takeBody(bytes, at);
      default:
        return this.#takeLine(bytes, at);
    }
  }

  #takeHead(bytes: Uint8Array, start: number): number {
    let at = start;
    let isEnd = false;
    for (; at < bytes.length && !isEnd; at++) {
      const byte = bytes[at];
      if (byte === LINE_FEED) {
        isEnd = this.#lineBytes === 0;
        this.#lineBytes = 0;
      } else if (byte !== CARRIAGE_RETURN) this.#lineBytes++;
    }
    this.#text += latin1(bytes, start, at);
    if (this.#text.length > ANSWER_HEAD_BYTES_MAX) throw unreadable("they are too long");
    if (isEnd) this.#readHead();
    return at;
  }

  #readHead(): void {
    const [first = "", ...lines] = this.#text.trimEnd().split(/\r?\n/);
    this.#text = "";
    const [, minor, status, statusText = ""] =
      STATUS_LINE.exec(first) ?? fail(unreadable(`${first} is no status line of HTTP/1`));
    this.status = Number(status);
    this.statusText = statusText;
    this.headers.clear();
    for (const line of lines) this.#readHeader(line);
    // What stands before the answer, such as 103 Early Hints.
    if (this.status >= 100 && this.status < 200) return;
    const connection = this.headers.get("connection") ?? "";
    this.#isKeptAlive =
      minor === "1" ? !/\bclose\b/i.test(connection) : /\bkeep-alive\b/i.test(connection);
    if (this.status === 200) this.#beginBody();
    else this.#endWithoutBody();
  }

  #readHeader(line: string): void {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    if (colon < 1 || /\s/.test(name)) throw unreadable(`${line} is no header`);
    const value = line.slice(colon + 1).trim();
    const before = this.headers.get(name);
    if (before !== undefined && name === "content-length" && before !== value) {
      throw unreadable("they name two lengths");
    }
    this.headers.set(name, value);
  }

  #beginBody(): void {
    const coding = this.headers.get("transfer-encoding")?.toLowerCase();
    const length = this.headers.get("content-length");
    if (coding === "chunked") this.#part = "chunk size";
    else if (coding !== undefined) throw unreadable(`${coding} is no transfer encoding of ours`);
    else if (length === undefined) this.#part = "body up to the end";
    else {
      if (!/^\d{1,15}$/.test(length)) throw unreadable(`${length} is no length`);
      this.#leftBytes = Number(length);
      this.#body.expect(this.#leftBytes);
      this.#part = this.#leftBytes === 0 ? "nothing" : "sized body";
    }
    if (this.#part === "body up to the end") this.#isKeptAlive = false;
  }

  /** What comes of it is not read: the connection cannot be asked again. */
  #endWithoutBody(): void {
    this.#isKeptAlive = false;
    this.#part = "nothing";
  }

  #takeBody(bytes: Uint8Array, at: number): number {
    const end = Math.min(bytes.length, at + this.#leftBytes);
    this.#body.add(bytes.subarray(at, end));
    this.#leftBytes -= end - at;
    if (this.#leftBytes === 0) this.#part = this.#part === "chunk" ? "chunk end" : "nothing";
    return end;
  }

  #takeLine(bytes: Uint8Array, at: number): number {
    const feed = bytes.indexOf(LINE_FEED, at);
    const end = feed < 0 ? bytes.length : feed;
    this.#text += latin1(bytes, at, end);
    if (this.#text.length > ANSWER_HEAD_BYTES_MAX) throw unreadable("a chunk has no size");
    if (feed < 0) return end;
    const line = this.#text.trimEnd();
    this.#text = "";
    this.#readLine(line);
    return feed + 1;
  }

  #readLine(line: string): void {
    if (this.#part === "trailers") {
      if (line === "") this.#part = "nothing";
    } else if (this.#part === "chunk end") {
      if (line !== "") throw unreadable("a chunk is longer than its size");
      this.#part = "chunk size";
    } else {
      const [, size = ""] = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
      if (size === "") throw unreadable("a chunk has no size");
      this.#leftBytes = Number.parseInt(size, 16);
      this.#part = this.#leftBytes === 0 ? "trailers" : "chunk";
    }
  }
}

/** Bytes of a length that is known at the end, or was promised. */
class GrowingBody {
  readonly #limitBytes: number;
  #bytes = new Uint8Array(0);
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  expect(sizeBytes: number): void {
    if (sizeBytes > this.#limitBytes) throw tooLarge(this.#limitBytes);
    if (sizeBytes <= TRUSTED_BODY_BYTES) this.#bytes = new Uint8Array(sizeBytes);
  }

  add(part: Uint8Array): void {
    const sizeBytes = this.#sizeBytes + part.length;
    if (sizeBytes > this.#limitBytes) throw tooLarge(this.#limitBytes);
    if (sizeBytes > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(sizeBytes, this.#bytes.length * 2, FIRST_BODY_BYTES));
      bytes.set(this.#bytes.subarray(0, this.#sizeBytes));
      this.#bytes = bytes;
    }
    this.#bytes.set(part, this.#sizeBytes);
    this.#sizeBytes = sizeBytes;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#sizeBytes === this.#bytes.length
      ? this.#bytes
      : this.#bytes.slice(0, this.#sizeBytes);
  }
}

export function tooLarge(limit: number): OpsError {
  return new OpsError(SCRAPE_ERRORS.bodyTooLarge, { limit });
}

function unreadable(reason: string): Error {
  return new Error(`the answer's headers or chunks cannot be read: ${reason}`);
}

function fail(error: Error): never {
  throw error;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1", start, end);
}
