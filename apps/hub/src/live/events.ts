import type { LiveFailure, LiveOpened, LivePolling, LiveSteps } from "@hms-ops/wire/api";

const END = Buffer.from("}\n\n");

/** How soon a browser tries again, in milliseconds. */
const RETRY_MS = 2_000;

export function openEvent(opened: LiveOpened): Buffer {
  return Buffer.from(`retry: ${RETRY_MS}\n${event("open", opened)}`);
}

/** `answer` is JSON without a line break; it is copied once, for all viewers. */
export function stepsEvent(
  id: string,
  steps: Omit<LiveSteps, "answer">,
  answer: Uint8Array,
): Buffer {
  const head = `id: ${id}\nevent: steps\ndata: ${JSON.stringify(steps).slice(0, -1)},"answer":`;
  return Buffer.concat([Buffer.from(head), answer, END]);
}

export function failedEvent(failure: LiveFailure): Buffer {
  return Buffer.from(event("failed", failure));
}

export function pollingEvent(polling: LivePolling): Buffer {
  return Buffer.from(event("polling", polling));
}

export function beatEvent(nowMs: number): Buffer {
  return Buffer.from(event("beat", { nowMs }));
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
