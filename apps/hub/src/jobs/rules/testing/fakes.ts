import type { OutboundAnswer, OutboundRequest, Rule, RuleGroup } from "@hms-ops/control";
import {
  type Document,
  type DocumentStore,
  type DocumentWrite,
  labelsOf,
  type NativeHistogram,
  OpsError,
  type Rejection,
  type VectorElement,
} from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { Outbox } from "../../../outbound/index.ts";
import type {
  HubServices,
  IngestService,
  Log,
  NamedSample,
  QueryService,
  SelfMetrics,
} from "../../../ports.ts";
import { RuleRunner } from "../rule-runner.ts";

/** Documents that outlive the hub of a test. */
export class FakeDocuments implements DocumentStore {
  readonly values = new Map<string, string>();
  /** Counts writes, so that a test can fail one. */
  failNext = false;

  async get(collection: string, id: string): Promise<unknown> {
    const text = this.values.get(`${collection}\n${id}`);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async list(collection: string): Promise<readonly Document[]> {
    const own = [...this.values.keys()].filter((key) => key.startsWith(`${collection}\n`)).sort();
    return own.map((key) => ({
      id: key.slice(collection.length + 1),
      value: JSON.parse(this.values.get(key) ?? "null"),
    }));
  }

  async write(writes: readonly DocumentWrite[]): Promise<void> {
    if (this.failNext) {
      this.failNext = false;
      throw new Error("disk full");
    }
    for (const { collection, id, value } of writes) {
      const key = `${collection}\n${id}`;
      if (value === undefined) this.values.delete(key);
      else this.values.set(key, JSON.stringify(value));
    }
  }

  async close(): Promise<void> {}
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** A hub's rules with everything around them under the test's thumb. */
export class FakeHub {
  readonly clock: FakeClock;
  readonly documents: FakeDocuments;
  /** What each expression answers; `undefined` = the query fails. */
  readonly answers = new Map<
    string,
    Readonly<Record<string, number | NativeHistogram>> | undefined
  >();
  readonly asked: { readonly expr: string; readonly timeMs: number }[] = [];
  readonly samples: NamedSample[] = [];
  readonly sent: OutboundRequest[] = [];
  readonly printed: string[] = [];
  readonly counts = new Map<string, number>();
  /** How the receiver answers; a text is a reason why nothing came back. */
  receiver: number | string = 200;
  /** What the store refuses samples for. */
  refusal: Rejection | undefined;
  /** Time that a query takes. */
  queryMs = 0;
  /** Expressions that are never answered. */
  readonly slow = new Set<string>();
  readonly outbox: Outbox;
  readonly runner: RuleRunner;
  readonly services: Pick<
    HubServices,
    "clock" | "documents" | "metrics" | "log" | "queries" | "ingest"
  >;

  constructor(previous?: FakeHub) {
    this.clock = previous?.clock ?? new FakeClock();
    this.documents = previous?.documents ?? new FakeDocuments();
    for (const [expr, answer] of previous?.answers ?? []) this.answers.set(expr, answer);
    const { clock, documents } = this;
    const metrics: SelfMetrics = {
      add: (name, by = 1) => void this.counts.set(name, (this.counts.get(name) ?? 0) + by),
      set: () => {},
      observe: () => {},
    };
    const externalUrl = "http://localhost:9090";
    const common = { clock, documents, metrics, log: silentLog };
    const print = (line: string) => void this.printed.push(line);
    const send = (request: OutboundRequest) => this.#send(request);
    this.outbox = new Outbox({ ...common, send, print, externalUrl });
    this.services = { ...common, queries: this.#queries(), ingest: this.#ingest() };
    this.runner = new RuleRunner(
      { ...this.services, outbox: this.outbox },
      {
        externalUrl,
        receivers: () => [{ channel: "webhook", address: "http://127.0.0.1:1/hook" }],
      },
    );
  }

  async start(groups: readonly RuleGroup[]): Promise<void> {
    await this.outbox.start();
    await this.runner.setGroups(groups);
    await this.runner.start();
  }

  /** Moves time on second by second, and lets everything settle that a second set off. */
  async advance(byMs: number): Promise<void> {
    for (let leftMs = byMs; leftMs > 0; leftMs -= 1_000) {
      await this.clock.advance(Math.min(1_000, leftMs));
      await new Promise<void>((go) => setImmediate(go));
    }
  }

  /** Stops as a killed process does: nothing more is written. */
  kill(): void {
    this.documents.write = async () => {};
    void this.runner.stop();
    void this.outbox.stop();
  }

  /** The latest sample of a metric. */
  latest(metric: string): NamedSample | undefined {
    return this.samples.findLast(({ labels }) => labels[labels.indexOf("__name__") + 1] === metric);
  }

  /** Names and states of what the web hook was told. */
  told(): readonly string[] {
    return this.sent.map(({ body }) => {
      const { status, commonLabels } = JSON.parse(body);
      return `${commonLabels.alertname} ${status}`;
    });
  }

  async #send(request: OutboundRequest): Promise<OutboundAnswer> {
    if (typeof this.receiver === "string") throw new Error(this.receiver);
    this.sent.push(request);
    return { status: this.receiver, retryAfter: "", body: "" };
  }

  #queries(): QueryService {
    return {
      instant: async (expr, timeMs) => {
        this.asked.push({ expr, timeMs });
        if (this.queryMs > 0) await new Promise<void>((go) => this.clock.after(this.queryMs, go));
        if (this.slow.has(expr)) await new Promise<void>(() => {});
        const answer = this.answers.get(expr);
        if (!answer) throw failed;
        const elements = Object.entries(answer).map(
          ([job, value]): VectorElement =>
            typeof value === "number"
              ? { labels: labelsOf({ job }), timeMs, value }
              : { labels: labelsOf({ job }), timeMs, value: Number.NaN, histogram: value },
        );
        const stats = { samplesRead: 0, seriesSelected: 0, parseMs: 0, readMs: 0, evaluateMs: 0 };
        return { value: { kind: "vector", elements }, warnings: [], infos: [], stats };
      },
      range: () => Promise.reject(failed),
    };
  }

  #ingest(): IngestService {
    const unused = () => Promise.reject(failed);
    return {
      samples: async (samples) => {
        if (this.refusal) return { accepted: 0, rejections: [this.refusal] };
        this.samples.push(...samples);
        return { accepted: samples.length, rejections: [] };
      },
      exposition: unused,
      remoteWrite: unused,
      endSource: unused,
      metadata: unused,
    };
  }
}

const failed = new OpsError({
  code: "OPS-9999",
  status: 422,
  message: "no answer to this",
  mend: "",
});

export function alertRule(name: string, expr: string, changes: Partial<Rule> = {}): Rule {
  return {
    kind: "alerting",
    name,
    expr,
    source: expr,
    dialect: "prometheus",
    forMs: 0,
    keepFiringForMs: 0,
    labels: { severity: "critical" },
    annotations: {},
    notify: [],
    origin: { file: "alerts/a.yml", line: 1 },
    ...changes,
  };
}

export function groupOf(...rules: readonly Rule[]): RuleGroup {
  return { name: "g", file: "alerts/a.yml", queryOffsetMs: 0, limit: 0, rules };
}
