import {
  type AlertRuleState,
  NEW_ALERT_RULE_STATE,
  NEW_RECORDING_RULE_STATE,
  type RecordingRuleState,
  resumeState,
} from "@hms-ops/control";
import type { Clock, DocumentStore, DocumentWrite } from "@hms-ops/model";
import type { Log } from "../../ports.ts";
import { KEEP_ORPHANS_MS } from "./limits.ts";

const COLLECTION = "alert-state";

/**
 * What rules remember between runs, by rule key. Alert states are documents too, so that they go
 * on after a restart; a rule without alerts needs none.
 */
export class RuleMemory {
  readonly #documents: DocumentStore;
  readonly #log: Log;
  readonly #alerts = new Map<string, AlertRuleState>();
  readonly #recordings = new Map<string, RecordingRuleState>();
  readonly #tookMs = new Map<string, number>();
  readonly #stored = new Set<string>();
  readonly #resumed = new Set<string>();
  #unsaved: DocumentWrite[] = [];
  /** Saves follow each other, so that a later state never gives way to an earlier one. */
  #turn: Promise<void> = Promise.resolve();

  constructor(documents: DocumentStore, log: Log) {
    this.#documents = documents;
    this.#log = log;
  }

  async load(clock: Clock): Promise<void> {
    const nowMs = clock.now();
    const orphans: DocumentWrite[] = [];
    for (const { id, value } of await this.#documents.list(COLLECTION)) {
      const stored = value as AlertRuleState;
      if (nowMs - (stored.lastEvaluationMs ?? 0) > KEEP_ORPHANS_MS) {
        orphans.push({ collection: COLLECTION, id });
        continue;
      }
      this.#alerts.set(id, resumeState(stored, nowMs));
      this.#stored.add(id);
      this.#resumed.add(id);
    }
    if (orphans.length > 0) await this.#documents.write(orphans);
  }

  alertState(key: string): AlertRuleState {
    return this.#alerts.get(key) ?? NEW_ALERT_RULE_STATE;
  }

  recordingState(key: string): RecordingRuleState {
    return this.#recordings.get(key) ?? NEW_RECORDING_RULE_STATE;
  }

  /** How long the latest run of a rule took; 0 before the first one. */
  tookMs(key: string): number {
    return this.#tookMs.get(key) ?? 0;
  }

  setTook(key: string, tookMs: number): void {
    this.#tookMs.set(key, tookMs);
  }

  /** Whether the rule goes on from before a restart. */
  isResumed(key: string): boolean {
    return this.#resumed.has(key);
  }

  setRecording(key: string, state: RecordingRuleState): void {
    this.#recordings.set(key, state);
  }

  /** The new state of an alert rule; the writes that make it durable. */
  setAlert(key: string, state: AlertRuleState): readonly DocumentWrite[] {
    this.#alerts.set(key, state);
    if (state.alerts.length === 0 && !this.#stored.has(key)) return [];
    if (state.alerts.length > 0) {
      this.#stored.add(key);
      return [{ collection: COLLECTION, id: key, value: state }];
    }
    this.#stored.delete(key);
    return [{ collection: COLLECTION, id: key }];
  }

  forget(key: string): readonly DocumentWrite[] {
    this.#alerts.delete(key);
    this.#recordings.delete(key);
    this.#resumed.delete(key);
    this.#tookMs.delete(key);
    return this.#stored.delete(key) ? [{ collection: COLLECTION, id: key }] : [];
  }

  /** Writes all or, when the store fails, tries again with the next ones. */
  save(writes: readonly DocumentWrite[]): Promise<void> {
    this.#turn = this.#turn.then(() => this.#save(writes));
    return this.#turn;
  }

  async #save(writes: readonly DocumentWrite[]): Promise<void> {
    const all = [...this.#unsaved, ...writes];
    if (all.length === 0) return;
    this.#unsaved = [];
    try {
      await this.#documents.write(all);
    } catch (error) {
      this.#unsaved = [...all, ...this.#unsaved];
      this.#log.error("alert state cannot be stored; it is kept in memory and tried again", {
        reason: String(error),
      });
    }
  }
}
