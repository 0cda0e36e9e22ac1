/** Alerts of the machines. */
export const hostRules = `groups:
  - name: host
    rules:
      - alert: DiskAlmostFull
        expr: |
          node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs|squashfs|overlay|iso9660"}
            / node_filesystem_size_bytes{fstype!~"tmpfs|ramfs|squashfs|overlay|iso9660"} < 0.1
        for: 10m
        labels:
          severity: critical
        annotations:
          summary: "{{ $labels.instance }}: {{ $value | humanizePercentage }} of {{ $labels.mountpoint }} is left"
          runbook: runbooks/disk-almost-full.md
      - alert: MemoryLow
        expr: node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.05
        for: 10m
        labels:
          severity: warning
        annotations:
          summary: "{{ $labels.instance }}: {{ $value | humanizePercentage }} of the memory is left"
          runbook: runbooks/machine-overloaded.md
      - alert: CpuBusy
        expr: 1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) > 0.9
        for: 15m
        labels:
          severity: warning
        annotations:
          summary: "{{ $labels.instance }}: processors are {{ $value | humanizePercentage }} busy"
          runbook: runbooks/machine-overloaded.md
`;
