import type { Transferable } from "node:worker_threads";
import { bug, OpsError } from "@hms-ops/model";
import type { Calls, WireError } from "./calls.ts";

interface CallMessage {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface ReplyMessage {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: WireError;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A MessagePort or a Worker. */
interface PostingPort {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  // biome-ignore lint/suspicious/noExplicitAny: the ports of node:worker_threads say it so
  on(event: "message", take: (message: any) => void): unknown;
}

/** The asking side of a port: calls by name, answers as promises. */
export class Caller<C extends Calls> {
  readonly #port: PostingPort;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #ended: Error | undefined;

  constructor(port: PostingPort) {
    this.#port = port;
    port.on("message", (reply: ReplyMessage) => this.#settle(reply));
  }

  /** Calls under way. */
  get underWay(): number {
    return this.#pending.size;
  }

  call<M extends keyof C & string>(
    method: M,
    args: Parameters<C[M]>,
    transfer: readonly Transferable[] = [],
  ): ReturnType<C[M]> {
    const answer = new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      const message: CallMessage = { id, method, args };
      this.#port.postMessage(message, [...transfer]);
    });
    return answer as ReturnType<C[M]>;
  }

  /** The other side is gone: everything under way and all later calls fail with the error. */
  end(error: Error): void {
    this.#ended = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #settle({ id, value, error }: ReplyMessage): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    if (error) pending.reject(readError(error));
    else pending.resolve(value);
  }
}

/** The answering side. Results that own large buffers are moved, not copied. */
export function answerCalls<C extends Calls>(port: PostingPort, calls: C): void {
  port.on("message", ({ id, method, args }: CallMessage) => {
    void answerCall(port, calls, id, method, args);
  });
}

async function answerCall(
  port: PostingPort,
  calls: Calls,
  id: number,
  method: string,
  args: readonly unknown[],
): Promise<void> {
  try {
    const call = calls[method] ?? bug(`no thread answers ${method}`);
    const value = await call(...(args as never[]));
    const reply: ReplyMessage = { id, value };
    port.postMessage(reply, [...ownedBuffers(value)]);
  } catch (error) {
    const reply: ReplyMessage = { id, error: writeError(error) };
    port.postMessage(reply);
  }
}

/** Buffers of a bare byte array, of a `piece`, or of `places`; all else is cloned. */
function ownedBuffers(result: unknown): readonly Transferable[] {
  const value = largePart(result);
  if (!(value instanceof Uint8Array || value instanceof Uint32Array)) return [];
  const { buffer, byteLength } = value;
  return buffer instanceof ArrayBuffer && byteLength === buffer.byteLength ? [buffer] : [];
}

function largePart(result: unknown): unknown {
  if (typeof result !== "object" || result === null) return undefined;
  if ("piece" in result) return result.piece;
  return "places" in result ? result.places : result;
}

export function writeError(error: unknown): WireError {
  if (!(error instanceof Error)) return { message: String(error), stack: "" };
  const { message, stack = "" } = error;
  if (!(error instanceof OpsError)) return { message, stack };
  const { status, mend } = error;
  return { message, stack, known: { code: error.code as `OPS-${number}`, status, mend } };
}

export function readError({ message, stack, known }: WireError): Error {
  const error = known ? new OpsError({ ...known, message }) : new Error(message);
  error.stack = stack;
  return error;
}
