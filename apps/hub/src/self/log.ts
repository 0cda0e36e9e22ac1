import { appendFile, rename, stat } from "node:fs/promises";
import type { Clock } from "@hms-ops/model";
import { MAX_LOG_BYTES } from "../limits.ts";
import type { Log } from "../ports.ts";

export type LogLevel = "info" | "warn" | "error";

const RANKS: Readonly<Record<LogLevel, number>> = { info: 0, warn: 1, error: 2 };
const SECRET_NAME = /token|secret|password|authorization|api_?key|credential/i;
/** `http://user:secret@host`, `?token=…`, `Bearer …` inside a text. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/(\/\/)[^/@\s]+@/g, "$1***@"],
  [/([?&](?:token|key|secret|password|api_key)=)[^&\s"]+/gi, "$1***"],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, "$1 ***"],
];

export interface HubLogOptions {
  readonly file: string;
  readonly clock: Clock;
  /** Least level that is shown on the terminal too. */
  readonly shownLevel: LogLevel;
  readonly show: (line: string) => void;
}

/** JSON lines into the data folder, rotated at a bound; the graver ones on the terminal as well. */
export class HubLog implements Log {
  readonly #options: HubLogOptions;
  #lines: string[] = [];
  #sizeBytes: number | undefined;
  #writing: Promise<void> = Promise.resolve();
  #fileFailed = false;

  constructor(options: HubLogOptions) {
    this.#options = options;
  }

  info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#write("info", message, fields);
  }

  warn(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#write("warn", message, fields);
  }

  error(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#write("error", message, fields);
  }

  /** Settles when everything said is in the file. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #write(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): void {
    const { clock, shownLevel, show } = this.#options;
    const time = new Date(clock.now()).toISOString();
    const line = JSON.stringify({ time, level, message: struck(message), ...plain(fields) });
    if (RANKS[level] >= RANKS[shownLevel]) show(`${line}\n`);
    this.#lines.push(`${line}\n`);
    if (this.#lines.length === 1) this.#writing = this.#writing.then(() => this.#flushLines());
  }

  async #flushLines(): Promise<void> {
    const { file, show } = this.#options;
    const text = this.#lines.join("");
    this.#lines = [];
    try {
      this.#sizeBytes ??= await stat(file).then(
        ({ size }) => size,
        () => 0,
      );
      if (this.#sizeBytes > MAX_LOG_BYTES) {
        await rename(file, `${file}.1`);
        this.#sizeBytes = 0;
      }
      await appendFile(file, text, { mode: 0o600 });
      this.#sizeBytes += Buffer.byteLength(text);
    } catch (error) {
      // Said once: a full disk must not flood the terminal.
      if (!this.#fileFailed) show(`hms-ops: the log ${file} cannot be written: ${error}\n`);
      this.#fileFailed = true;
    }
  }
}

/** Fields as JSON can hold them, without secrets. */
function plain(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      SECRET_NAME.test(name) ? "***" : plainValue(value),
    ]),
  );
}

function plainValue(value: unknown): unknown {
  if (value instanceof Error) return struck(value.stack ?? value.message);
  if (typeof value === "string") return struck(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plainValue);
  return plain(value as Readonly<Record<string, unknown>>);
}

function struck(text: string): string {
  return SECRET_TEXTS.reduce((left, [pattern, instead]) => left.replace(pattern, instead), text);
}
