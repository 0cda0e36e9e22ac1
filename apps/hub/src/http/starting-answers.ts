import type { AuthClass, HubRequest, HubResponse, Route } from "../ports.ts";
import type { AnswerName, Answers } from "./routes.ts";

/** Answers of a hub that listens before it can give them: requests wait, and hear of a failure. */
export class StartingAnswers {
  readonly #assembled = Promise.withResolvers<Answers>();
  readonly #opened = Promise.withResolvers<void>();
  /** From the opening on, when nobody waits any more. */
  #ready: Answers | undefined;

  constructor() {
    // If no request waits, whoever starts the hub tells of a failure.
    this.#assembled.promise.catch(() => {});
    this.#opened.promise.catch(() => {});
  }

  handlerOf(name: AnswerName, auth: AuthClass): Route["handle"] {
    return (request) =>
      this.#ready ? this.#ready[name](request) : this.#answerLater(name, auth, request);
  }

  /** From now on answered is what does not touch the store. */
  assemble(answers: Answers): void {
    this.#assembled.resolve(answers);
  }

  /** The store is open; `assemble` came before. */
  async open(): Promise<void> {
    this.#opened.resolve();
    this.#ready = await this.#assembled.promise;
  }

  fail(error: unknown): void {
    this.#assembled.reject(error);
    this.#opened.reject(error);
  }

  async #answerLater(name: AnswerName, auth: AuthClass, request: HubRequest): Promise<HubResponse> {
    const answers = await this.#assembled.promise;
    if (auth !== "public") await this.#opened.promise;
    return await answers[name](request);
  }
}
