/** Alerts about the watching itself: silent sources, rules that cannot be judged, a damaged store. */
export const hubRules = `groups:
  - name: hms-ops
    rules:
      - alert: TargetDown
        expr: up == 0
        for: 1m
        labels:
          severity: warning
        annotations:
          summary: "{{ $labels.job }} at {{ $labels.instance }} gives no metrics"
          description: "It does not answer, answers too slowly or with an error, or with nothing that can be taken: Home and hms-ops doctor say which."
          runbook: runbooks/target-down.md
      - alert: ScrapeEmpty
        expr: up == 1 and scrape_samples_scraped == 0
        for: 5m
        labels:
          severity: warning
        annotations:
          summary: "{{ $labels.job }} at {{ $labels.instance }} answers, but with no readable sample"
          runbook: runbooks/target-down.md
      - alert: ScrapeSlow
        expr: scrape_duration_seconds > 8
        for: 5m
        labels:
          severity: warning
        annotations:
          summary: "Reading {{ $labels.job }} at {{ $labels.instance }} takes {{ $value | humanizeDuration }}"
          runbook: runbooks/target-down.md
      - alert: RulesFail
        expr: sum(rate(hms_ops_rule_evaluations_total{outcome="err"}[5m])) > 0
        for: 5m
        labels:
          severity: critical
        annotations:
          summary: "Some rules cannot be judged; what they watch is not watched"
          runbook: runbooks/rules-fail.md
      - alert: NobodyWasTold
        expr: |
          sum by (channel) (increase(hms_ops_notifications_total{delivery="failed"}[10m])) > 0
        labels:
          severity: critical
        annotations:
          summary: "Notifications by {{ $labels.channel }} do not arrive"
          runbook: runbooks/nobody-was-told.md
      - alert: StoreDamaged
        expr: hms_ops_store_damaged_blocks > 0
        labels:
          severity: critical
        annotations:
          summary: "Damaged parts of the metric store: {{ $value }}; answers may lack samples. See hms-ops tsdb verify, then stop the hub and run hms-ops tsdb repair"
          runbook: runbooks/store-damaged.md
`;
