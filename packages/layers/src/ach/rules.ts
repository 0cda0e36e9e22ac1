/**
 * Alerts of the payment engine. The first one is chapter 0's with the selector that it lacks, and
 * with windows of a minute: a page should come within two minutes of the symptom, and none should
 * begin when it has long been over, as where a window lasts as long as its "for".
 */
export const achRules = `groups:
  - name: hms-ach
    rules:
      - alert: HighErrorRate
        expr: |
          sum by (service) (rate(errors_total{service="hms-ach"}[1m]))
            / sum by (service) (rate(requests_total{service="hms-ach"}[1m])) > 0.05
        for: 1m
        labels:
          severity: critical
        annotations:
          summary: "{{ $labels.service }}: {{ $value | humanizePercentage }} of requests fail, limit 5 %"
          description: "More than 5 % of the requests of {{ $labels.service }} have failed for a minute."
          runbook: runbooks/ach-high-error-rate.md
      - alert: QueueBacklog
        expr: sum by (service) (queue_depth{service="hms-ach"}) > 500
        for: 5m
        labels:
          severity: critical
        annotations:
          summary: "{{ $labels.service }}: {{ $value | humanize }} payments wait, limit 500"
          runbook: runbooks/ach-queue-backlog.md
      - alert: SuspiciousPayouts
        expr: sum by (service) (increase(ach_flagged_total{service="hms-ach"}[1h])) > 5
        labels:
          severity: warning
        annotations:
          summary: "{{ $labels.service }}: {{ $value | humanize }} suspicious payouts this hour"
          runbook: runbooks/ach-suspicious-payouts.md
      - alert: SlowPayments
        expr: |
          histogram_quantile(0.95,
            sum by (service, le) (rate(ach_latency_ms_bucket{service="hms-ach"}[1m]))) / 1000 > 2
        for: 5m
        labels:
          severity: warning
        annotations:
          summary: "{{ $labels.service }}: p95 is {{ $value | humanizeDuration }}, promise 2 s"
          runbook: runbooks/latency.md
`;
