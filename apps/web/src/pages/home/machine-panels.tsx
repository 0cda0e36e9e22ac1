import { BoardPanel } from "@hms-mfe/bricks";
import type { Panel } from "@hms-ops/model";

/** The machine that the hub stands on: before the first service reports, this is what lives. */
const PANELS: readonly Panel[] = [
  machinePanel(
    1,
    "Processor, busy",
    "share",
    '1 - avg(rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))',
    "processor",
  ),
  machinePanel(
    2,
    "Memory, used",
    "share",
    "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
    "memory",
  ),
  machinePanel(
    3,
    "Network, received",
    "bytes-per-second",
    'sum(rate(node_network_receive_bytes_total{device!="lo"}[$__rate_interval]))',
    "network",
  ),
];

function machinePanel(
  id: number,
  title: string,
  unit: Panel["unit"],
  expr: string,
  legend: string,
): Panel {
  return {
    id,
    title,
    kind: "timeseries",
    grid: { x: 0, y: 0, w: 8, h: 6 },
    queries: [{ expr, legend }],
    unit,
    min: 0,
  };
}

const CHART_HEIGHT_PX = 128;

export function MachinePanels() {
  return (
    <section aria-label="This machine" className="home-machine">
      {PANELS.map((panel) => (
        <BoardPanel
          key={panel.id}
          panel={panel}
          heightPx={CHART_HEIGHT_PX}
          more={
            <a className="hms-link-quiet" href={exploreHref(panel)}>
              Explore
            </a>
          }
        />
      ))}
    </section>
  );
}

function exploreHref({ queries }: Panel): string {
  return `/explore?${new URLSearchParams(queries.map(({ expr }) => ["q", expr]))}`;
}
