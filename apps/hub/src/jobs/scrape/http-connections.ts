import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { HttpAnswer } from "./http-answer.ts";
import { IDLE_CONNECTIONS_PER_HOST_MAX } from "./limits.ts";

/** Where to connect to. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  /** Undefined: without TLS. */
  readonly tls?: ConnectionOptions;
}

/** Ends a question before its answer is whole. */
export class Interrupt {
  #error: Error | undefined;
  #onRaise: ((error: Error) => void) | undefined;

  raise(error: Error): void {
    this.#error ??= error;
    this.#onRaise?.(this.#error);
  }

  /** One listener at a time, which hears of what was raised before, too. */
  listen(onRaise: ((error: Error) => void) | undefined): void {
    this.#onRaise = onRaise;
    if (this.#error) onRaise?.(this.#error);
  }
}

/** Connections that stay open from one question to the next. */
export class Connections {
  /** What one read brings; whoever takes it is done with it before the next read. */
  readonly #received = new Uint8Array(64 * 1024);
  readonly #idle = new Map<string, Connection[]>();
  readonly #open = new Set<Connection>();

  /**
   * Writes the request and settles when its answer is whole. A connection that was kept may have been
   * closed just then: the request goes over a new one, once.
   */
  async ask(peer: Peer, request: string, answer: HttpAnswer, interrupt: Interrupt): Promise<void> {
    const key = peer.tls ? JSON.stringify(peer) : `${peer.host} ${peer.port}`;
    const kept = this.#idle.get(key)?.pop();
    if (kept && (await kept.ask(request, answer, interrupt))) {
      this.#keep(key, kept, answer);
      return;
    }
    const made = this.#connect(key, peer);
    if (!(await made.ask(request, answer, interrupt))) throw new Error("the connection was closed");
    this.#keep(key, made, answer);
  }

  close(): void {
    for (const connection of this.#open) connection.end();
  }

  #connect(key: string, peer: Peer): Connection {
    const connection: Connection = new Connection(peer, this.#received, () => {
      this.#open.delete(connection);
      const idle = this.#idle.get(key)?.filter((other) => other !== connection) ?? [];
      if (idle.length > 0) this.#idle.set(key, idle);
      else this.#idle.delete(key);
    });
    this.#open.add(connection);
    return connection;
  }

  #keep(key: string, connection: Connection, answer: HttpAnswer): void {
    const idle = this.#idle.get(key) ?? [];
    if (!answer.isKeptAlive || !connection.isOpen || idle.length >= IDLE_CONNECTIONS_PER_HOST_MAX) {
      connection.end();
      return;
    }
    idle.push(connection);
    this.#idle.set(key, idle);
  }
}

interface Question {
  readonly answer: HttpAnswer;
  /** False: the connection ended before anything came. */
  readonly settle: (isAnswered: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/** One socket, asked one question at a time. */
class Connection {
  readonly #socket: Socket;
  #question: Question | undefined;
  #wasAsked = false;
  #error: unknown;

  constructor({ host, port, tls }: Peer, received: Uint8Array, onEnd: () => void) {
    const onread = {
      buffer: received,
      callback: (sizeBytes: number) => this.#take(received.subarray(0, sizeBytes)),
    };
    const where = { host, port, noDelay: true, onread };
    this.#socket = tls ? connectTls({ ...where, ...tls }) : connect(where);
    this.#socket.on("error", (error) => {
      this.#error = error;
    });
    this.#socket.on("close", () => {
      onEnd();
      this.#ended();
    });
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  end(): void {
    this.#socket.destroy();
  }

  /** False: it was used before, and ended before anything came. */
  async ask(request: string, answer: HttpAnswer, interrupt: Interrupt): Promise<boolean> {
    if (!this.isOpen) return false;
    const isKept = this.#wasAsked;
    this.#wasAsked = true;
    try {
      const isAnswered = await new Promise<boolean>((settle, fail) => {
        this.#question = { answer, settle, fail };
        interrupt.listen(fail);
        this.#socket.write(request, "latin1");
      });
      if (!isAnswered && !isKept) throw this.#error ?? new Error("the connection was closed");
      return isAnswered;
    } catch (error) {
      this.end();
      throw error;
    } finally {
      this.#question = undefined;
      interrupt.listen(undefined);
    }
  }

  /** Answers whether more may come. */
  #take(bytes: Uint8Array): boolean {
    const question = this.#question;
    if (!question || question.answer.isWhole) {
      this.end();
      return false;
    }
    try {
      question.answer.take(bytes);
      if (question.answer.isWhole) question.settle(true);
    } catch (error) {
      question.fail(error);
    }
    return true;
  }

  #ended(): void {
    const { answer, settle, fail } = this.#question ?? {};
    if (!answer || answer.isWhole) return;
    try {
      if (answer.hasBegun && this.#error === undefined) answer.end();
      else if (answer.hasBegun) throw this.#error;
      settle?.(answer.hasBegun);
    } catch (error) {
      fail?.(error);
    }
  }
}
