/** Alerts of the agency's front desks: licence payments, the printer, the queue, claim scoring. */
export const agencyRules = `groups:
  - name: agency
    rules:
      - alert: SlowLicensePayments
        expr: |
          sum by (service) (rate(payment_latency_ms_sum[1m]))
            / sum by (service) (rate(payment_latency_ms_count[1m])) / 1000 > 2
        for: 30s
        labels:
          severity: critical
        annotations:
          summary: "{{ $labels.service }}: a payment takes {{ $value | humanizeDuration }}, promise 2 s"
          runbook: runbooks/latency.md
      - alert: LicensePrinterDown
        expr: license_printer_up == 0
        for: 1m
        labels:
          severity: critical
        annotations:
          summary: "The licence printer of {{ $labels.service }} does not answer"
          runbook: runbooks/license-printer-down.md
      - alert: CitizensWaiting
        expr: sum by (service) (citizens_waiting) > 100
        for: 5m
        labels:
          severity: warning
        annotations:
          summary: "{{ $labels.service }}: {{ $value | humanize }} citizens wait, goal below 100"
          runbook: runbooks/citizens-waiting.md
      - alert: ServiceErrorRate
        expr: |
          sum by (service) (rate(errors_total{service!="hms-ach"}[2m]))
            / sum by (service) (rate(requests_total{service!="hms-ach"}[2m])) > 0.05
        for: 3m
        labels:
          severity: critical
        annotations:
          summary: "{{ $labels.service }}: {{ $value | humanizePercentage }} of requests fail, limit 5 %"
          runbook: runbooks/latency.md
`;
