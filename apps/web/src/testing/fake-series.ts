/**
 * Made-up figures of a small agency for the fake hub: a function of name, service and time, the
 * same at each call. A fault began 26 minutes before the fake hub was started.
 */
export interface FakeService {
  readonly name: string;
  readonly requestsPerMin: number;
  readonly errorShare: number;
  readonly p95Ms: number;
}

export const SERVICES: readonly FakeService[] = [
  { name: "hms-ach", requestsPerMin: 1_390, errorShare: 0.009, p95Ms: 320 },
  { name: "hms-a2a", requestsPerMin: 318, errorShare: 0.004, p95Ms: 2_100 },
  { name: "hms-esq", requestsPerMin: 604, errorShare: 0.0002, p95Ms: 148 },
  { name: "hms-act", requestsPerMin: 2_210, errorShare: 0.0011, p95Ms: 92 },
  { name: "hms-svc", requestsPerMin: 875, errorShare: 0.0006, p95Ms: 310 },
  { name: "hms-agt", requestsPerMin: 126, errorShare: 0.003, p95Ms: 2_400 },
  { name: "hms-gov", requestsPerMin: 1_905, errorShare: 0, p95Ms: 11 },
  { name: "hms-ui", requestsPerMin: 5_730, errorShare: 0.0009, p95Ms: 640 },
  { name: "hms-mcp", requestsPerMin: 88, errorShare: 0, p95Ms: 54 },
];

export const METRIC_TYPES: Readonly<Record<string, string>> = {
  requests_total: "counter",
  errors_total: "counter",
  ach_latency_ms_bucket: "histogram",
  ach_latency_ms_sum: "histogram",
  ach_latency_ms_count: "histogram",
  ach_batch_size: "gauge",
  ach_flagged_total: "counter",
  citizens_waiting: "gauge",
  license_printer_up: "gauge",
  payments_per_min: "gauge",
  process_resident_memory_bytes: "gauge",
  queue_depth: "gauge",
  scrape_duration_seconds: "gauge",
  up: "gauge",
};

export interface FakeSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** NaN where there is no sample. */
  valueAt(timeMs: number): number;
}

const MINUTE_MS = 60_000;
export const FAULT_MINUTES = 26;

export class FakeAgency {
  readonly faultMs: number;
  faulty: boolean;

  constructor(startMs: number, faulty: boolean) {
    this.faultMs = startMs - FAULT_MINUTES * MINUTE_MS;
    this.faulty = faulty;
  }

  /** The series that an expression would give, by the words in it. */
  series(expr: string): readonly FakeSeries[] {
    if (/ALERTS\s*[{]?/.test(expr)) return this.#alerts();
    const service = /service="([^"]+)"/.exec(expr)?.[1];
    const services = SERVICES.filter(({ name }) => !service || name === service);
    const grouped = /by \(([^)]*)\)/.exec(expr)?.[1];
    const one =
      /^\s*(sum|avg|min|max)\s*\(/.test(expr) || (/\bsum\(|\bsum by \(le\)/.test(expr) && !grouped);
    const shown = one && !grouped ? services.slice(0, 1) : services;
    const kept = (name: string) => (grouped ? grouped.includes(name) : !one);
    return this.#bySubject(expr, shown).map(({ labels, valueAt }) => ({
      labels: Object.fromEntries(Object.entries(labels).filter(([name]) => kept(name))),
      valueAt,
    }));
  }

  #bySubject(expr: string, services: readonly FakeService[]): readonly FakeSeries[] {
    const each = (value: (service: FakeService, timeMs: number) => number) =>
      services.map((service) => ({
        labels: { job: service.name, service: service.name },
        valueAt: (timeMs: number) => value(service, timeMs),
      }));
    const perMinute = /\)\s*\*\s*60/.test(expr) ? 1 : 1 / 60;
    if (/histogram_quantile\(0\.5/.test(expr)) return each((s, t) => this.#p95(s, t) * 0.1 + 110);
    if (/histogram_quantile/.test(expr)) return each((s, t) => this.#p95(s, t));
    if (/errors_total[\s\S]*\/[\s\S]*requests_total/.test(expr))
      return each((s, t) => this.#share(s, t));
    if (/errors_total/.test(expr))
      return each((s, t) => this.#share(s, t) * this.#requests(s, t) * perMinute);
    if (/requests_total/.test(expr)) return each((s, t) => this.#requests(s, t) * perMinute);
    if (/queue_depth/.test(expr))
      return each((s, t) => 118 * wave(`q${s.name}`, t, 0.1) * this.#rise(s, t, 6.3));
    if (/payments_per_min/.test(expr)) return each((s, t) => 1_143 * wave(`p${s.name}`, t, 0.05));
    if (/ach_batch_size/.test(expr)) return each((s, t) => 212 * wave(`b${s.name}`, t, 0.12));
    if (/ach_flagged_total/.test(expr)) return each(() => 3);
    if (/citizens_waiting/.test(expr)) return each((s, t) => 128 * wave(`c${s.name}`, t, 0.04));
    if (/license_printer_up/.test(expr)) return each(() => 1);
    if (/_bytes/.test(expr)) return each((s, t) => 2.1e8 * wave(`m${s.name}`, t, 0.05));
    if (/_seconds/.test(expr)) return each((s, t) => 0.012 * wave(`d${s.name}`, t, 0.3));
    if (/\bup\b/.test(expr)) return [...each(() => 1), this.#silentKiosks()];
    return [];
  }

  /** Reported for the last time 18 minutes ago. */
  #silentKiosks(): FakeSeries {
    const lastMs = this.faultMs + 8 * MINUTE_MS;
    return {
      labels: { job: "field-kiosks" },
      valueAt: (timeMs) => (timeMs < lastMs ? 1 : Number.NaN),
    };
  }

  #alerts(): readonly FakeSeries[] {
    if (!this.faulty) return [];
    const labels = { alertname: "HighErrorRate", service: "hms-ach", severity: "critical" };
    const pendingMs = this.faultMs - 2 * MINUTE_MS;
    const between = (fromMs: number, toMs: number) => (timeMs: number) =>
      timeMs >= fromMs && timeMs < toMs ? 1 : Number.NaN;
    return [
      { labels: { ...labels, alertstate: "pending" }, valueAt: between(pendingMs, this.faultMs) },
      {
        labels: { ...labels, alertstate: "firing" },
        valueAt: between(this.faultMs, Number.POSITIVE_INFINITY),
      },
    ];
  }

  #requests(service: FakeService, timeMs: number): number {
    return (
      service.requestsPerMin *
      wave(`r${service.name}`, timeMs, 0.05) *
      this.#rise(service, timeMs, 0.88)
    );
  }

  #share(service: FakeService, timeMs: number): number {
    return (
      service.errorShare * wave(`e${service.name}`, timeMs, 0.25) * this.#rise(service, timeMs, 8.6)
    );
  }

  #p95(service: FakeService, timeMs: number): number {
    return service.p95Ms * wave(`l${service.name}`, timeMs, 0.08) * this.#rise(service, timeMs, 9);
  }

  /** From 1 to the factor within 12 minutes around the fault, for the service that has it. */
  #rise(service: FakeService, timeMs: number, factor: number): number {
    if (!this.faulty || service.name !== "hms-ach") return 1;
    const done = Math.min(
      1,
      Math.max(0, (timeMs - this.faultMs + 4 * MINUTE_MS) / (12 * MINUTE_MS)),
    );
    return 1 + (factor - 1) * done * done * (3 - 2 * done);
  }
}

/** Around 1: noise of a given size that looks the same whenever it is asked. */
function wave(name: string, timeMs: number, size: number): number {
  const at = timeMs / 45_000;
  const from = Math.floor(at);
  const between = at - from;
  const noise = noiseAt(name, from) * (1 - between) + noiseAt(name, from + 1) * between;
  return 1 + size * noise + 0.03 * Math.sin(timeMs / 900_000);
}

/** −1 … 1. */
function noiseAt(name: string, index: number): number {
  let hash = 2166136261 ^ index;
  for (const unit of name) hash = Math.imul(hash ^ unit.charCodeAt(0), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 31 - 1;
}
