import { labelsOf, type MetricType } from "@hms-ops/model";
import type { FamilySample, MetricFamily } from "@hms-ops/wire/exposition";

/** One reading: labels beside the name, and the value. */
export interface Reading {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Row {
  readonly type: MetricType;
  readonly help: string;
}

/** What we tell of the machine; names and meanings are the node exporter's. */
const ROWS: Readonly<Record<string, Row>> = {
  node_cpu_seconds_total: counter("Seconds each CPU spent in each mode."),
  node_load1: gauge("Processes that ran or waited, mean of 1 minute."),
  node_load5: gauge("Processes that ran or waited, mean of 5 minutes."),
  node_load15: gauge("Processes that ran or waited, mean of 15 minutes."),
  node_memory_MemTotal_bytes: gauge("Memory of the machine."),
  node_memory_MemFree_bytes: gauge("Memory that nobody uses, not even as a cache."),
  node_memory_MemAvailable_bytes: gauge("Memory that programs can get without swapping."),
  node_memory_Buffers_bytes: gauge("Memory that buffers block devices."),
  node_memory_Cached_bytes: gauge("Memory that caches files."),
  node_memory_SwapTotal_bytes: gauge("Swap space of the machine."),
  node_memory_SwapFree_bytes: gauge("Swap space that nobody uses."),
  node_filesystem_size_bytes: gauge("Size of a file system."),
  node_filesystem_free_bytes: gauge("Free space of a file system."),
  node_filesystem_avail_bytes: gauge("Free space that ordinary users can fill."),
  node_disk_read_bytes_total: counter("Bytes read from a disk."),
  node_disk_written_bytes_total: counter("Bytes written to a disk."),
  node_disk_io_time_seconds_total: counter("Seconds in which a disk was busy."),
  node_network_receive_bytes_total: counter("Bytes received on an interface."),
  node_network_transmit_bytes_total: counter("Bytes sent on an interface."),
  node_network_receive_errs_total: counter("Receive errors of an interface."),
  node_network_transmit_errs_total: counter("Transmit errors of an interface."),
  node_network_receive_drop_total: counter("Received packets that an interface dropped."),
  node_network_transmit_drop_total: counter("Packets to send that an interface dropped."),
  node_boot_time_seconds: gauge("When the machine started, since the epoch."),
};

export const HOST_METRIC_NAMES = Object.keys(ROWS);

function counter(help: string): Row {
  return { type: "counter", help };
}

function gauge(help: string): Row {
  return { type: "gauge", help };
}

/** The readings by family, in the table's order; names that are not in it are passed over. */
export function familiesOf(readings: readonly Reading[]): readonly MetricFamily[] {
  return Object.entries(ROWS).flatMap(([name, { type, help }]) => {
    const samples = readings
      .filter((reading) => reading.name === name && Number.isFinite(reading.value))
      .map(({ labels, value }): FamilySample => {
        return { labels: labelsOf({ __name__: name, ...labels }), value };
      });
    return samples.length === 0 ? [] : [{ name, type, help, unit: "", samples }];
  });
}
