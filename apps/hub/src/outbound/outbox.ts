import {
  CHANNELS,
  type Channel,
  fingerprint,
  type Notification,
  type NotifyTarget,
  phoneLine,
  type Receipt,
} from "@hms-ops/control";
import { bug, type Clock, type DocumentStore, type DocumentWrite } from "@hms-ops/model";
import type { SentNotification } from "@hms-ops/wire/api";
import type { Job, Log, SelfMetrics } from "../ports.ts";
import {
  FIRST_RETRY_MS,
  GIVE_UP_AFTER_MS,
  MAX_KEPT_NOTIFICATIONS,
  MAX_RETRY_MS,
  MAX_WAITING_PER_RECEIVER,
} from "./limits.ts";
import type { SendRequest } from "./send-request.ts";

const OUTBOX = "outbox";
const NOTIFICATIONS = "notifications";

/** One notification for one receiver, on its way. Stored as it is. */
export interface OutboxEntry {
  readonly id: string;
  readonly target: NotifyTarget;
  readonly notification: Notification;
}

export interface PlannedEntries {
  readonly entries: readonly OutboxEntry[];
  /** To be written together with the state that caused the notification. */
  readonly writes: readonly DocumentWrite[];
}

export interface OutboxServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: SelfMetrics;
  readonly documents: DocumentStore;
  readonly send: SendRequest;
  /** Writes a line on the terminal of the hub. */
  readonly print: (line: string) => void;
  readonly externalUrl: string;
}

interface Queue {
  readonly entries: OutboxEntry[];
  attempts: number;
  busy: boolean;
  forgetRetry: () => void;
}

/**
 * Notifications on their way, at least once each: an entry is stored before it is sent and leaves
 * the store after it arrived. Each receiver hears in order; one that is down holds up no other.
 */
export class Outbox implements Job {
  readonly name = "outbox";
  readonly #services: OutboxServices;
  readonly #queues = new Map<string, Queue>();
  readonly #sent = new Map<string, SentNotification>();
  readonly #stop = new AbortController();
  #running = new Set<Promise<void>>();
  #started = false;

  constructor(services: OutboxServices) {
    this.#services = services;
  }

  async start(): Promise<void> {
    const { documents } = this.#services;
    for (const { id, value } of await documents.list(NOTIFICATIONS)) {
      this.#sent.set(id, value as SentNotification);
    }
    const waiting = (await documents.list(OUTBOX)).map(({ value }) => value as OutboxEntry);
    this.#started = true;
    this.accept(waiting);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const queue of this.#queues.values()) queue.forgetRetry();
    await Promise.all(this.#running);
  }

  /** Entries for each receiver, and the writes that make them durable. */
  plan(notification: Notification, targets: readonly NotifyTarget[]): PlannedEntries {
    const entries: OutboxEntry[] = [];
    const writes: DocumentWrite[] = [];
    for (const target of uniqueTargets(targets)) {
      // The same news gets the same id, so that a run that is repeated after a crash adds nothing.
      const time = String(notification.atMs).padStart(15, "0");
      const { channel, address } = target;
      const id = `${time}-${fingerprint([notification.alertName, channel, address])}`;
      const entry = { id, target, notification };
      entries.push(entry);
      writes.push({ collection: OUTBOX, id, value: entry });
      writes.push({ collection: NOTIFICATIONS, id, value: this.#note(entry, "waiting", "") });
    }
    return { entries, writes };
  }

  /** Takes entries whose writes have been made (or were found at the start), and sends them. */
  accept(entries: readonly OutboxEntry[]): void {
    if (!this.#started) bug("the outbox is used before its start");
    for (const entry of entries) {
      const key = `${entry.target.channel}:${entry.target.address}`;
      const queue = this.#queues.get(key) ?? newQueue();
      this.#queues.set(key, queue);
      queue.entries.push(entry);
      if (!this.#sent.has(entry.id)) this.#remember(this.#note(entry, "waiting", ""));
      this.#kick(queue);
    }
  }

  /** Newest first. */
  list(limit: number): readonly SentNotification[] {
    const ids = [...this.#sent.keys()].sort().reverse().slice(0, limit);
    return ids.flatMap((id) => this.#sent.get(id) ?? []);
  }

  #kick(queue: Queue): void {
    if (queue.busy || this.#stop.signal.aborted) return;
    queue.busy = true;
    const run = this.#drain(queue)
      .catch((error: unknown) => {
        this.#services.log.error("the outbox cannot store what became of a notification", {
          reason: String(error),
        });
        this.#retryLater(queue);
      })
      .finally(() => {
        queue.busy = false;
        this.#running.delete(run);
      });
    this.#running.add(run);
  }

  async #drain(queue: Queue): Promise<void> {
    for (let entry = queue.entries[0]; entry; entry = queue.entries[0]) {
      if (this.#stop.signal.aborted) return;
      const tooMany = queue.entries.length > MAX_WAITING_PER_RECEIVER;
      const isOld = this.#services.clock.now() - entry.notification.atMs > GIVE_UP_AFTER_MS;
      const receipt =
        tooMany || isOld
          ? ({ delivery: "failed", retry: false, note: "given up: the receiver is down" } as const)
          : await this.#deliver(entry);
      if (receipt === "stopped") return;
      if (receipt.delivery === "failed" && receipt.retry) {
        this.#remember(this.#note(entry, "waiting", `${receipt.note}; will be tried again`));
        this.#retryLater(queue);
        return;
      }
      await this.#settle(entry, receipt);
      queue.entries.shift();
      queue.attempts = 0;
    }
  }

  async #deliver(
    entry: OutboxEntry,
  ): Promise<Receipt | { delivery: "not-sent"; retry: false; note: string } | "stopped"> {
    const { target, notification } = entry;
    const channel = channelOf(target);
    if (channel.reaches !== "network" || !channel.request || !channel.receipt) {
      const text = channel.text(notification);
      if (channel.reaches === "terminal") {
        this.#services.print(channel.name === "sms" ? phoneLine(text) : text);
      }
      return { delivery: "not-sent", retry: false, note: channel.unsentNote };
    }
    const { externalUrl, send } = this.#services;
    try {
      const request = channel.request(notification, target, { externalUrl });
      return channel.receipt(await send(request, this.#stop.signal));
    } catch (error) {
      if (this.#stop.signal.aborted) return "stopped";
      const note = error instanceof Error ? error.message : String(error);
      return { delivery: "failed", retry: true, note };
    }
  }

  async #settle(
    entry: OutboxEntry,
    { delivery, note }: { delivery: SentNotification["delivery"]; note: string },
  ): Promise<void> {
    const { documents, metrics, log } = this.#services;
    const sent = this.#note(entry, delivery, note);
    const dropped = this.#remember(sent);
    await documents.write([
      { collection: OUTBOX, id: entry.id },
      { collection: NOTIFICATIONS, id: entry.id, value: sent },
      ...dropped.map((id) => ({ collection: NOTIFICATIONS, id })),
    ]);
    const { channel } = sent;
    metrics.add("hms_ops_notifications_total", 1, { channel, delivery });
    const say = delivery === "failed" ? log.warn : log.info;
    say.call(log, `notification ${delivery}`, {
      alert: sent.alertName,
      channel,
      to: sent.to,
      note,
    });
  }

  #retryLater(queue: Queue): void {
    const delayMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(queue.attempts, 20));
    queue.attempts++;
    queue.forgetRetry();
    queue.forgetRetry = this.#services.clock.after(delayMs, () => this.#kick(queue));
  }

  #note(entry: OutboxEntry, delivery: SentNotification["delivery"], note: string) {
    const { id, target, notification } = entry;
    const channel = channelOf(target);
    const sent: SentNotification = {
      id,
      atMs: notification.atMs,
      alertName: notification.alertName,
      status: notification.status,
      channel: target.channel,
      to: channel.redact(target.address),
      text: channel.text(notification),
      delivery,
      note,
    };
    return sent;
  }

  /** The ids that had to make room. */
  #remember(sent: SentNotification): readonly string[] {
    this.#sent.set(sent.id, sent);
    if (this.#sent.size <= MAX_KEPT_NOTIFICATIONS) return [];
    const oldest = [...this.#sent.keys()].sort().slice(0, this.#sent.size - MAX_KEPT_NOTIFICATIONS);
    for (const id of oldest) this.#sent.delete(id);
    return oldest;
  }
}

function newQueue(): Queue {
  return { entries: [], attempts: 0, busy: false, forgetRetry: () => {} };
}

function channelOf(target: NotifyTarget): Channel {
  return CHANNELS.get(target.channel) ?? bug(`no channel ${target.channel}`);
}

function uniqueTargets(targets: readonly NotifyTarget[]): readonly NotifyTarget[] {
  return [...new Map(targets.map((target) => [JSON.stringify(target), target])).values()];
}
