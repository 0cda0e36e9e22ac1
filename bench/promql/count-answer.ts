import { Agent, request } from "node:http";

/** How an answer that may be too large to hold came in. */
export interface CountedAnswer {
  /** 0 = no answer. */
  readonly status: number;
  readonly bytes: number;
  readonly tookMs: number;
  /** The first characters. */
  readonly head: string;
  /** The answer ended as HTTP says; else the connection broke off. */
  readonly isWhole: boolean;
}

const HEAD_BYTES = 4_096;
const agent = new Agent({ keepAlive: true });

/** Reads as fast as it comes and keeps the beginning only; gives up after `limitMs`. */
export function countAnswer(url: string, limitMs: number): Promise<CountedAnswer> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    let status = 0;
    let bytes = 0;
    let head = "";
    const end = (isWhole: boolean) =>
      resolve({ status, bytes, tookMs: performance.now() - startMs, head, isWhole });
    const sent = request(url, { agent, signal: AbortSignal.timeout(limitMs) }, (response) => {
      status = response.statusCode ?? 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (head.length < HEAD_BYTES) head += chunk.subarray(0, HEAD_BYTES).toString();
      });
      response.on("close", () => end(response.complete));
      response.on("error", () => end(false));
    });
    sent.on("error", () => end(false));
    sent.end();
  });
}

/** Asks and hangs up, as a reader does who closes the page. */
export function askAndLeave(url: string, afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    const sent = request(url, { agent: false, signal: AbortSignal.timeout(afterMs) });
    sent.on("response", (response) => {
      response.on("error", () => resolve());
      response.on("close", () => resolve());
      response.resume();
    });
    sent.on("error", () => resolve());
    sent.end();
  });
}

/** What an error says, if it says it as the API promises: `type: message`. */
export function errorOf(text: string): string {
  try {
    const body = JSON.parse(text) as { readonly errorType?: unknown; readonly error?: unknown };
    const { errorType, error } = body;
    return typeof errorType === "string" && typeof error === "string" && error.length > 0
      ? `${errorType}: ${error}`
      : "";
  } catch {
    return "";
  }
}
