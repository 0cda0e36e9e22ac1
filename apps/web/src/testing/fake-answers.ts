import { shippedBoards } from "@hms-ops/layers";
import { fakeExplanation } from "./fake-explanation.ts";
import {
  FAULT_MINUTES,
  FakeAgency,
  type FakeSeries,
  METRIC_TYPES,
  SERVICES,
} from "./fake-series.ts";

/**
 * `incident`: HMS-ACH fails · `calm`: nothing fires · `refused`: calm, with a rule file that has an
 * error · `empty`: a hub just started · `down`: 503.
 */
export type Scenario = "incident" | "calm" | "refused" | "empty" | "down";

export const SCENARIOS: readonly Scenario[] = ["incident", "calm", "refused", "empty", "down"];

const REFUSED_RULES = {
  part: "rules",
  reason: "alerts/bad.yml:2:7: expr: unclosed left parenthesis",
  mend: "Correct the file.",
};

/** What the fake hub answers to the pages: the endpoints of the real one that they use. */
export class FakeAnswers {
  readonly #agency: FakeAgency;
  readonly #startMs: number;
  scenario: Scenario;

  constructor(startMs: number, scenario: Scenario) {
    this.#startMs = startMs;
    this.#agency = new FakeAgency(startMs, scenario === "incident");
    this.scenario = scenario;
  }

  choose(scenario: Scenario): void {
    this.scenario = scenario;
    this.#agency.faulty = scenario === "incident";
  }

  /** Undefined = there is no such resource. */
  answer(path: string, query: URLSearchParams, nowMs: number): unknown {
    switch (path) {
      case "/api/v1/query":
        return this.#instant(query, nowMs);
      case "/api/v1/query_range":
        return this.#range(query);
      case "/api/v1/labels":
        return success(["__name__", "job", "le", "service"]);
      case "/api/v1/label/__name__/values":
        return success(this.#empty ? [] : Object.keys(METRIC_TYPES).sort());
      case "/api/v1/label/service/values":
      case "/api/v1/label/job/values":
        return success(SERVICES.map(({ name }) => name));
      case "/api/v1/series":
        return success(SERVICES.map(({ name }) => ({ __name__: "up", job: name, service: name })));
      case "/api/v1/metadata":
        return success(metadata());
      case "/api/v1/alerts":
        return success({ alerts: this.#alerts() });
      case "/api/v1/targets":
        return success({ activeTargets: [] });
      case "/api/ops/v1/explain":
        return fakeExplanation(query.get("query") ?? "");
      default:
        return this.#own(path, nowMs);
    }
  }

  #own(path: string, nowMs: number): unknown {
    const board = /^\/api\/ops\/v1\/boards\/(.+)$/.exec(path)?.[1];
    if (board) return shippedBoards.find(({ uid }) => uid === decodeURIComponent(board));
    switch (path) {
      case "/api/ops/v1/status":
        return this.#status(nowMs);
      case "/api/ops/v1/boards":
        return {
          boards: this.#empty ? [] : shippedBoards.map((one) => ({ ...one, origin: "shipped" })),
        };
      case "/api/ops/v1/services":
        return { discovery: true, services: [] };
      case "/api/ops/v1/notifications":
        return { notifications: this.#notifications() };
      case "/api/ops/v1/cardinality":
        return this.#cardinality(nowMs);
      case "/api/ops/v1/store":
        return { limitHits: [] };
      case "/api/ops/v1/rules":
        return { rules: this.#empty ? [] : this.#rules() };
      default:
        return undefined;
    }
  }

  #cardinality(nowMs: number): unknown {
    const counts = (series: number) => ({
      series,
      seriesHourAgo: series,
      seriesDayAgo: Math.max(0, series - 12),
      createdHour: 0,
      createdDay: 15,
      endedHour: 0,
      endedDay: 3,
    });
    const rows = Object.keys(METRIC_TYPES).map((name) => ({ name, ...counts(40) }));
    return this.#empty
      ? { nowMs, sinceMs: null, total: counts(0), rows: [], rowCount: 0 }
      : { nowMs, sinceMs: 0, total: counts(48_212), rows, rowCount: rows.length };
  }

  get #empty(): boolean {
    return this.scenario === "empty";
  }

  get #firing(): boolean {
    return this.scenario === "incident";
  }

  #status(nowMs: number): unknown {
    const empty = this.#empty;
    const oldestCritical = this.#firing
      ? { name: "HighErrorRate", sinceMs: this.#agency.faultMs }
      : null;
    return {
      hub: {
        name: "agency-prod",
        version: "0.1.0",
        pid: 1,
        startedAtMs: this.#startMs,
        dataDir: "./hms-ops-data",
        url: "http://127.0.0.1:9090",
        command: "npx hms-ops",
      },
      nowMs,
      ingest: {
        state: empty ? "waiting" : "healthy",
        reason: "",
        seriesCount: empty ? 0 : 48_212,
        samplesPerSecond: empty ? 0 : 3_214,
        lastSampleMs: empty ? null : nowMs - 3_000,
        pulse: empty
          ? []
          : Array.from({ length: 20 }, (_, i) => ({
              atMs: nowMs - (20 - i) * 5_000,
              state: i === 13 ? "late" : i === 6 ? "failed" : "ok",
            })),
      },
      alerts: {
        firing: this.#firing ? 2 : 0,
        pending: this.#firing ? 1 : 0,
        oldestCritical,
        steadySinceMs: this.#firing ? null : this.#startMs - 532_800_000,
      },
      demo: null,
      refusals: this.scenario === "refused" ? [REFUSED_RULES] : [],
    };
  }

  #alerts(): readonly unknown[] {
    if (!this.#firing) return [];
    const alert = (
      alertname: string,
      more: Record<string, string>,
      summary: string,
      minutesAgo: number,
    ) => ({
      labels: { alertname, ...more },
      annotations: { summary },
      state: alertname === "QueueBacklog" ? "pending" : "firing",
      activeAt: new Date(this.#startMs - minutesAgo * 60_000).toISOString(),
      value: "0.078",
    });
    return [
      alert(
        "HighErrorRate",
        { service: "hms-ach", severity: "critical" },
        "hms-ach: 7.8 % of requests fail, limit 5 %",
        FAULT_MINUTES,
      ),
      alert(
        "SlowTransfers",
        { service: "hms-a2a", severity: "warning" },
        "p95 is 5.2 s, limit 5 s",
        13,
      ),
      alert(
        "QueueBacklog",
        { service: "hms-ach", severity: "critical" },
        "742 payments wait, limit 500",
        4,
      ),
    ];
  }

  #notifications(): readonly unknown[] {
    if (!this.#firing) return [];
    const sent = { alertName: "HighErrorRate", status: "firing", delivery: "sent" };
    const atMs = this.#agency.faultMs + 6_000;
    return [
      {
        ...sent,
        id: "2",
        atMs: atMs + 60_000,
        channel: "webhook",
        to: "http://127.0.0.1:9999/alerts",
        text: "HighErrorRate: hms-ach: 7.8 % of requests fail, limit 5 %",
        note: "HTTP 200",
      },
      {
        ...sent,
        id: "1",
        atMs,
        channel: "sms",
        to: "Maya Okafor",
        text: "Critical: hms-ach: 7.8 % of requests fail, limit 5 %",
        note: "shown in the terminal",
      },
    ];
  }

  #rules(): readonly unknown[] {
    const rule = (name: string, group: string, expr: string, state: string, forMs = 180_000) => ({
      name,
      kind: "alerting",
      group,
      dialect: "prometheus",
      origin: `shipped/${group.replace("hms-", "")}.yaml`,
      source: `- alert: ${name}\n  expr: ${expr}\n  for: ${forMs / 60_000}m\n  labels: { severity: critical }`,
      expr,
      forMs,
      state,
      health: "ok",
      lastError: "",
    });
    const on = (state: string) => (this.#firing ? state : "inactive");
    const ach = 'service="hms-ach"';
    return [
      rule(
        "HighErrorRate",
        "hms-ach",
        `sum(rate(errors_total{${ach}}[3m])) / sum(rate(requests_total{${ach}}[3m])) > 0.05`,
        on("firing"),
      ),
      rule("QueueBacklog", "hms-ach", `sum(queue_depth{${ach}}) > 500`, on("pending"), 300_000),
      rule(
        "SuspiciousPayouts",
        "hms-ach",
        `sum(increase(ach_flagged_total{${ach}}[1h])) > 5`,
        "inactive",
        0,
      ),
      rule(
        "SlowTransfers",
        "agency",
        "histogram_quantile(0.95, a2a_transfer_ms_bucket) > 5000",
        on("firing"),
      ),
      rule("ServiceDown", "agency", "up == 0", "inactive"),
      rule("KioskSilent", "agency", 'absent(up{job="field-kiosks"})', "unknown"),
    ];
  }

  #instant(query: URLSearchParams, nowMs: number): unknown {
    const expr = query.get("query") ?? "";
    const refused = refuse(expr);
    if (refused) return refused;
    const timeMs = Number(query.get("time") ?? nowMs / 1000) * 1000;
    const result = this.#series(expr)
      .map(({ labels, valueAt }) => ({
        metric: labels,
        value: [timeMs / 1000, String(valueAt(timeMs))],
      }))
      .filter(({ value }) => value[1] !== "NaN");
    return success({ resultType: "vector", result });
  }

  #range(query: URLSearchParams): unknown {
    const expr = query.get("query") ?? "";
    const refused = refuse(expr);
    if (refused) return refused;
    const [start, end, step] = ["start", "end", "step"].map((name) => Number(query.get(name)));
    if (start === undefined || end === undefined || !step)
      return success({ resultType: "matrix", result: [] });
    const result = this.#series(expr)
      .map(({ labels, valueAt }) => {
        const values: [number, string][] = [];
        for (let time = start; time <= end; time += step) {
          const value = valueAt(time * 1000);
          if (!Number.isNaN(value)) values.push([time, String(value)]);
        }
        return { metric: labels, values };
      })
      .filter(({ values }) => values.length > 0);
    return success({ resultType: "matrix", result });
  }

  #series(expr: string): readonly FakeSeries[] {
    return this.#empty ? [] : this.#agency.series(expr);
  }
}

interface FakeRefusal {
  readonly status: "error";
  readonly errorType: string;
  readonly error: string;
  readonly code: string;
  readonly mend: string;
}

/** Stands for the real parser: an expression with an open bracket is refused. */
function refuse(expr: string): FakeRefusal | undefined {
  if (expr.split("(").length === expr.split(")").length) return undefined;
  return {
    status: "error",
    errorType: "bad_data",
    error: "1:8: parse error: unclosed left parenthesis",
    code: "OPS-1201",
    mend: "close the bracket that was opened at column 8",
  };
}

function success(data: unknown): unknown {
  return { status: "success", data };
}

function metadata(): unknown {
  return Object.fromEntries(
    Object.entries(METRIC_TYPES).map(([name, type]) => [
      name.replace(/_(bucket|sum|count)$/, ""),
      [{ type, help: `What ${name} counts.`, unit: "" }],
    ]),
  );
}
