import { hostname } from "node:os";
import type { Clock } from "@hms-ops/model";
import type { EventSink, MetricEvent } from "../emit/metric.ts";
import { writePushBody } from "../emit/push-body.ts";
import type { Registry } from "../emit/registry.ts";
import type { Fetch } from "../hub/transport.ts";
import { HubTransport } from "../hub/transport.ts";
import {
  HUB_PUSH_INTERVAL_MS,
  MAX_EVENTS_PER_PUSH,
  MAX_QUEUED_EVENTS,
  PUSH_RETRY_MS,
  PUSH_TIMEOUT_MS,
} from "../limits.ts";

export interface PusherOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly service: string;
  /** `OPS_PUSH`: the only place to push to, when it is named. */
  readonly pushUrl: string | undefined;
  /** `http://127.0.0.1:8009/metrics` */
  readonly agentUrl: string;
  /** `http://127.0.0.1:9090` */
  readonly hubUrl: string;
}

/** Whether an endpoint is worth a try. */
class Endpoint {
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  isWorthATry(nowMs: number): boolean {
    return nowMs >= this.#quietUntilMs;
  }

  failed(nowMs: number): void {
    this.#quietUntilMs = nowMs + PUSH_RETRY_MS;
  }
}

/**
 * Hands events to the endpoint named by OPS_PUSH, else to the agent on this machine, else tells
 * the hub all that this process has counted. Fire and forget: `push` returns at once, a call
 * lasts at most 200 ms, an endpoint that fails is left alone for a while, the queue is bounded.
 * Does nothing while the process serves its own /metrics.
 */
export class Pusher implements EventSink {
  readonly #options: PusherOptions;
  readonly #named = new Endpoint();
  readonly #agent = new Endpoint();
  readonly #hub = new Endpoint();
  #queue: MetricEvent[] = [];
  #running: Promise<void> | undefined;
  #isHubPushDue = false;
  #nextHubPushMs = Number.NEGATIVE_INFINITY;
  #waiting: (() => void) | undefined;

  constructor(options: PusherOptions) {
    this.#options = options;
  }

  push(event: MetricEvent): void {
    if (this.#queue.length >= MAX_QUEUED_EVENTS) {
      this.#options.registry.countDropped("push_queue_full");
      return;
    }
    this.#queue.push(event);
    // After the caller's own turn, so that an agent started in the same breath is seen.
    this.#running ??= Promise.resolve().then(() => this.#run());
  }

  /** Sends what waits; for the end of the process. */
  async flush(): Promise<void> {
    await this.#running;
    this.#nextHubPushMs = Number.NEGATIVE_INFINITY;
    await this.#pushToHub();
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      if (this.#isServedHere()) {
        this.#queue = [];
        break;
      }
      await this.#send(this.#queue.splice(0, MAX_EVENTS_PER_PUSH));
      await this.#pushToHub();
    }
    this.#running = undefined;
  }

  #isServedHere(): boolean {
    const { registry, pushUrl } = this.#options;
    if (!pushUrl) return registry.isExposed;
    const own = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):(\d+)\//.exec(pushUrl);
    return own !== null && registry.isExposedOn(Number(own[1]));
  }

  async #send(events: readonly MetricEvent[]): Promise<void> {
    const { pushUrl, agentUrl, registry } = this.#options;
    if (pushUrl) {
      if (!(await this.#post(this.#named, pushUrl, events))) {
        registry.countDropped("push_failed", events.length);
      }
    } else if (!(await this.#post(this.#agent, agentUrl, events))) {
      this.#isHubPushDue = true;
    }
  }

  async #post(endpoint: Endpoint, url: string, events: readonly MetricEvent[]): Promise<boolean> {
    const { clock, fetch } = this.#options;
    if (!endpoint.isWorthATry(clock.now())) return false;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: writePushBody(events),
        signal: AbortSignal.timeout(PUSH_TIMEOUT_MS),
      });
      await response.body?.cancel();
      // A refusal is about the events, not about the endpoint.
      if (response.ok || response.status === 400) return true;
    } catch {
      // Nobody there: the next endpoint is tried.
    }
    endpoint.failed(clock.now());
    return false;
  }

  /** Counters and histograms are sums since the start, so one push makes up for a lost one. */
  async #pushToHub(): Promise<void> {
    const { clock, registry, hubUrl, fetch, service } = this.#options;
    if (!this.#isHubPushDue || !this.#hub.isWorthATry(clock.now())) return;
    const waitMs = this.#nextHubPushMs - clock.now();
    if (waitMs > 0) {
      this.#waiting ??= clock.after(waitMs, () => {
        this.#waiting = undefined;
        void this.#pushToHub();
      });
      return;
    }
    this.#isHubPushDue = false;
    this.#nextHubPushMs = clock.now() + HUB_PUSH_INTERVAL_MS;
    try {
      await new HubTransport({ url: hubUrl, fetch, timeoutMs: PUSH_TIMEOUT_MS }).text({
        method: "POST",
        path: "/ingest",
        query: { job: service, instance: `${hostname()}:${process.pid}` },
        text: registry.expose("quoted"),
      });
    } catch {
      this.#hub.failed(clock.now());
      this.#isHubPushDue = true;
    }
  }
}
