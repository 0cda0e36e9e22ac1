import { Registry, Telemetry } from "@hms-ops/client";
import type { AgencySecond, ServiceSecond } from "./agency-model.ts";

/** One service of the agency: puts what happened in a second into its own metrics. */
export interface Service {
  readonly telemetry: Telemetry;
  record(second: AgencySecond): void;
}

/** The agency's services, each with a registry of its own, as if each were a process. */
export function makeServices(): readonly Service[] {
  return [achService(), irsService(), usdaService(), dmvService()];
}

function achService(): Service {
  const telemetry = newTelemetry("hms-ach");
  const latency = telemetry.histogram("ach_latency_ms", "Time to hand a payment to the bank.");
  const batch = telemetry.gauge("ach_batch_size", "Payments in the current batch.");
  const flagged = telemetry.counter("ach_flagged_total", "Payouts held as suspicious.");
  const queue = telemetry.gauge("queue_depth", "Payments that wait.");
  const perMinute = telemetry.gauge("payments_per_min", "Payments made, as of this minute.");
  return {
    telemetry,
    record: ({ ach }) => {
      countRequests(telemetry, ach);
      for (const ms of ach.latenciesMs) latency.observe(ms);
      batch.set(ach.batchSize);
      flagged.inc(ach.flagged);
      queue.set(ach.queueDepth);
      perMinute.set(ach.paymentsPerMinute);
    },
  };
}

function irsService(): Service {
  const telemetry = newTelemetry("irs-refund");
  const checks = telemetry.counter("refund_checks_total", "Refund checks asked for.");
  const seconds = telemetry.histogram("refund_check_seconds", "Time to answer a refund check.");
  return {
    telemetry,
    record: ({ irs }) => {
      countRequests(telemetry, irs);
      checks.inc(irs.requests);
      for (const ms of irs.latenciesMs) seconds.observe(ms / 1000);
    },
  };
}

function usdaService(): Service {
  const telemetry = newTelemetry("usda-score");
  const claims = telemetry.counter("claims_total", "Claims scored.");
  const latency = telemetry.histogram("latency_ms", "Time to score a claim.");
  return {
    telemetry,
    record: ({ usda }) => {
      countRequests(telemetry, usda);
      claims.inc(usda.requests - usda.errors);
      for (const ms of usda.latenciesMs) latency.observe(ms);
    },
  };
}

function dmvService(): Service {
  const telemetry = newTelemetry("dmv-license");
  const printer = telemetry.gauge("license_printer_up", "1 while the licence printer answers.");
  const waiting = telemetry.gauge("citizens_waiting", "Citizens in the queue.");
  return {
    telemetry,
    record: ({ dmv }) => {
      countRequests(telemetry, dmv);
      const labels = { service: telemetry.service };
      for (const ms of dmv.latenciesMs) {
        telemetry.registry.record("payment_latency_ms", "timer", ms, labels);
      }
      printer.set(dmv.printerUp ? 1 : 0);
      waiting.set(dmv.citizensWaiting);
    },
  };
}

function newTelemetry(service: string): Telemetry {
  return new Telemetry({ service, registry: new Registry() });
}

function countRequests(telemetry: Telemetry, { requests, errors }: ServiceSecond): void {
  telemetry.counter("requests_total").inc(requests);
  telemetry.counter("errors_total").inc(errors);
}
