import {
  missedSlots,
  type NotifyTarget,
  RULE_INTERVAL_MS,
  type Rule,
  type RuleGroup,
  type RuleSample,
  receiversOf,
  ruleKeys,
  slotFrom,
  slotOffsetMs,
} from "@hms-ops/control";
import { type DocumentWrite, labelsKey } from "@hms-ops/model";
import type { AlertSummary } from "@hms-ops/wire/api";
import type { Outbox, OutboxEntry } from "../../outbound/outbox.ts";
import type { HubServices, Job } from "../../ports.ts";
import { Gate } from "./gate.ts";
import { HOLD_AFTER_START_MS, LEAST_ARRIVAL_GAP_MS, MAX_GROUPS_AT_ONCE } from "./limits.ts";
import { endOfRemoval, newsOfRemoval, type RemovedRule } from "./removed-rules.ts";
import { RuleMemory } from "./rule-memory.ts";
import { mentions } from "./rule-names.ts";
import { type GroupView, SteadyClock, summarise, viewGroup } from "./rule-views.ts";
import { groupKey, type RuleNews, runGroup } from "./run-group.ts";

export interface RuleRunnerServices
  extends Pick<HubServices, "clock" | "log" | "metrics" | "queries" | "ingest" | "documents"> {
  readonly outbox: Pick<Outbox, "plan" | "accept">;
}

export interface RuleRunnerOptions {
  readonly externalUrl: string;
  readonly externalLabels?: Readonly<Record<string, string>>;
  /** Who hears of rules that name nobody. */
  readonly receivers: () => readonly NotifyTarget[];
  /** Interval of groups that name none; 15 s if absent. */
  readonly intervalMs?: number;
}

/** A group on its schedule. */
interface RunningGroup {
  group: RuleGroup;
  keys: ReadonlyMap<Rule, string>;
  readonly id: string;
  text: string;
  lastRunMs: number | undefined;
  durationMs: number;
  /** Slots since the hub started that slow runs made it miss. */
  missedCount: number;
  /** Its runs wait here for each other. */
  line: Promise<void>;
  forgetSlot: () => void;
  forgetArrival: () => void;
}

/** Runs all rules in their slots, some groups at a time; see control/alerting/SPEC.md. */
export class RuleRunner implements Job {
  readonly name = "rules";
  readonly #services: RuleRunnerServices;
  readonly #options: RuleRunnerOptions;
  readonly #memory: RuleMemory;
  readonly #steady: SteadyClock;
  readonly #stop = new AbortController();
  #groups: readonly RunningGroup[] = [];
  #startedAtMs: number | undefined;
  readonly #gate = new Gate(MAX_GROUPS_AT_ONCE);
  readonly #underWay = new Set<Promise<void>>();

  constructor(services: RuleRunnerServices, options: RuleRunnerOptions) {
    this.#services = services;
    this.#options = options;
    this.#memory = new RuleMemory(services.documents, services.log);
    this.#steady = new SteadyClock(services.documents);
  }

  async start(): Promise<void> {
    const { clock } = this.#services;
    await this.#memory.load(clock);
    await this.#steady.load(clock.now());
    this.#startedAtMs = clock.now();
    for (const running of this.#groups) this.#schedule(running);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const running of this.#groups) forgetCalls(running);
    await Promise.all(this.#underWay);
    await this.#memory.save([]);
  }

  /**
   * Takes a new set of groups. Groups that did not change keep running untouched; rules that keep
   * their name and labels keep their alerts.
   */
  async setGroups(groups: readonly RuleGroup[]): Promise<void> {
    const before = new Map(this.#groups.map((running) => [running.id, running]));
    const rulesBefore = this.#ruleList();
    this.#groups = groups.map((group) => {
      const id = groupKey(group);
      const text = JSON.stringify(group);
      const old = before.get(id);
      before.delete(id);
      if (old?.text === text) return old;
      const running = old ?? newRunning(id, group);
      forgetCalls(running);
      Object.assign(running, { group, keys: ruleKeys(group), text });
      if (this.#startedAtMs !== undefined) this.#schedule(running);
      return running;
    });
    for (const running of before.values()) forgetCalls(running);
    if (this.#startedAtMs === undefined) return;
    const kept = new Set(this.#ruleList().map(({ key }) => key));
    await this.#endRules(rulesBefore.filter(({ key }) => !kept.has(key)));
  }

  /** All groups as they stand, for the API. */
  views(): readonly GroupView[] {
    return this.#groups.map(({ group, keys, lastRunMs, durationMs, missedCount }) =>
      viewGroup(group, keys, this.#memory, {
        intervalMs: this.#intervalOf(group),
        lastRunMs,
        durationMs,
        missedCount,
      }),
    );
  }

  summary(): AlertSummary {
    return summarise(this.views(), this.#steady.sinceMs);
  }

  /** Pushed samples are judged on arrival: runs the groups whose rules name one of the metrics. */
  samplesArrived(metrics: ReadonlySet<string>): void {
    if (this.#startedAtMs === undefined || this.#stop.signal.aborted) return;
    for (const running of this.#groups) {
      if (!running.group.rules.some(({ expr }) => namesOne(expr, metrics))) continue;
      running.forgetArrival();
      const sinceMs = this.#services.clock.now() - (running.lastRunMs ?? 0);
      const waitMs = Math.max(0, LEAST_ARRIVAL_GAP_MS - sinceMs);
      running.forgetArrival = this.#services.clock.after(waitMs, () => {
        void this.#enqueue(running, this.#services.clock.now());
      });
    }
  }

  #intervalOf(group: RuleGroup): number {
    return group.intervalMs ?? this.#options.intervalMs ?? RULE_INTERVAL_MS;
  }

  #schedule(running: RunningGroup): void {
    const { clock, metrics } = this.#services;
    const { group } = running;
    const intervalMs = this.#intervalOf(group);
    const nowMs = clock.now();
    const slotMs = slotFrom(nowMs, slotOffsetMs(group.file, group.name, intervalMs), intervalMs);
    running.forgetSlot();
    const isDoneAlready = slotMs === running.lastRunMs;
    const dueMs = isDoneAlready ? slotMs + intervalMs : slotMs;
    running.forgetSlot = clock.after(dueMs - nowMs, () => {
      void this.#enqueue(running, dueMs).then(() => {
        const missed = missedSlots(dueMs, clock.now(), intervalMs);
        const labels = { rule_group: running.id };
        metrics.add("prometheus_rule_group_iterations_total", 1 + missed, labels);
        metrics.add("prometheus_rule_group_iterations_missed_total", missed, labels);
        running.missedCount += missed;
        const isCurrent = this.#groups.includes(running) && running.group === group;
        if (isCurrent && !this.#stop.signal.aborted) this.#schedule(running);
      });
    });
  }

  /** Settles when the group has run; never rejects. */
  #enqueue(running: RunningGroup, timeMs: number): Promise<void> {
    const run = running.line.then(async () => {
      try {
        await this.#gate.pass(() => this.#run(running, timeMs));
      } catch (error) {
        this.#services.log.error("a rule group failed", {
          group: running.group.name,
          reason: String(error),
        });
      }
    });
    running.line = run;
    this.#underWay.add(run);
    return run.finally(() => this.#underWay.delete(run));
  }

  async #run(running: RunningGroup, timeMs: number): Promise<void> {
    const { group, keys } = running;
    const isGone = !this.#groups.includes(running);
    if (isGone || this.#stop.signal.aborted || (running.lastRunMs ?? -1) >= timeMs) return;
    const { clock, metrics } = this.#services;
    const startMs = clock.monotonicMs();
    const justStarted = timeMs - (this.#startedAtMs ?? timeMs) < HOLD_AFTER_START_MS;
    const { externalUrl, externalLabels = {} } = this.#options;
    const { writes, news } = await runGroup(
      { ...this.#services, memory: this.#memory, externalUrl, externalLabels },
      { group, keys, timeMs, justStarted, signal: this.#stop.signal },
    );
    await this.#tell(news, writes, timeMs);
    running.lastRunMs = timeMs;
    running.durationMs = clock.monotonicMs() - startMs;
    metrics.observe("hms_ops_rule_group_seconds", running.durationMs / 1000);
  }

  /** State and notifications become durable in one write, before anything is sent. */
  async #tell(
    news: readonly RuleNews[],
    stateWrites: readonly DocumentWrite[],
    timeMs: number,
  ): Promise<void> {
    const { outbox } = this.#services;
    const writes = [...stateWrites];
    const entries: OutboxEntry[] = [];
    for (const { rule, notification } of news) {
      const planned = outbox.plan(notification, receiversOf(rule, this.#options.receivers()));
      writes.push(...planned.writes);
      entries.push(...planned.entries);
    }
    const critical = summarise(this.views(), null).oldestCritical !== null;
    writes.push(...this.#steady.update(critical, timeMs));
    await this.#memory.save(writes);
    outbox.accept(entries);
  }

  #ruleList(): readonly RemovedRule[] {
    return this.#groups.flatMap(({ keys }) => [...keys].map(([rule, key]) => ({ rule, key })));
  }

  /**
   * Rules that are gone: whoever heard of their alerts hears now that they ended. Their series end
   * two intervals later, so that a rule that was only renamed or moved takes them over first.
   */
  async #endRules(removed: readonly RemovedRule[]): Promise<void> {
    if (removed.length === 0) return;
    const { clock } = this.#services;
    const nowMs = clock.now();
    const news = removed.flatMap((rule) => newsOfRemoval(rule, this.#memory, nowMs) ?? []);
    const ends = removed.flatMap((rule) => endOfRemoval(rule, this.#memory, nowMs));
    await this.#tell(
      news,
      removed.flatMap(({ key }) => this.#memory.forget(key)),
      nowMs,
    );
    const delayMs = 2 * (this.#options.intervalMs ?? RULE_INTERVAL_MS);
    clock.after(delayMs, () => void this.#endSeries(ends));
  }

  async #endSeries(ends: readonly RuleSample[]): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const rules = this.#ruleList();
    const alive = new Set(
      rules.flatMap(({ rule, key }) =>
        endOfRemoval({ rule, key }, this.#memory, 0).map(({ labels }) => labelsKey(labels)),
      ),
    );
    const timeMs = this.#services.clock.now();
    const samples = ends
      .filter((end) => !alive.has(labelsKey(end.labels)))
      .map((end) => ({ ...end, timeMs }));
    try {
      if (samples.length > 0) await this.#services.ingest.samples(samples);
    } catch (error) {
      this.#services.log.warn("series of removed rules cannot be ended", { reason: String(error) });
    }
  }
}

function newRunning(id: string, group: RuleGroup): RunningGroup {
  return {
    id,
    group,
    keys: new Map(),
    text: "",
    lastRunMs: undefined,
    durationMs: 0,
    missedCount: 0,
    line: Promise.resolve(),
    forgetSlot: () => {},
    forgetArrival: () => {},
  };
}

function forgetCalls(running: RunningGroup): void {
  running.forgetSlot();
  running.forgetArrival();
}

function namesOne(expr: string, metrics: ReadonlySet<string>): boolean {
  for (const metric of metrics) if (mentions(expr, metric)) return true;
  return false;
}
