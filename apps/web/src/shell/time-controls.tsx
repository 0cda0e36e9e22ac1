import { Icon, Menu, TimePicker } from "@hms-mfe/bricks";
import { formatDurationMs, parseDurationMs } from "@hms-ops/model";
import { describeRange, REFRESH_CHOICES, resolveTimeRange } from "@hms-ops/panels";
import { useHub, useTimeRange } from "@hms-ops/react";
import { useMemo } from "react";

interface TimeControlsProps {
  readonly nowMs: number;
  readonly open: boolean;
  onOpen(open: boolean): void;
}

const PAUSED = "off";

/** The one time range of the page, and how often it is asked anew. */
export function TimeControls({ nowMs, open, onOpen }: TimeControlsProps) {
  const live = useHub();
  const { time, zone, refreshMs, set } = useTimeRange();
  const range = resolveTimeRange(time, nowMs, zone);
  const zones = useMemo(() => zoneChoices(zone), [zone]);
  const refresh = refreshMs === undefined ? PAUSED : formatDurationMs(refreshMs);
  return (
    <>
      <TimePicker
        time={time}
        zone={zone}
        zones={zones}
        nowMs={nowMs}
        absolute={range ? describeRange(range, zone) : ""}
        open={open}
        onOpen={onOpen}
        onTime={(next) => set({ time: next })}
        onZone={(next) => set({ zone: next })}
      />
      <button
        type="button"
        className="hms-strip-button time-refresh"
        aria-label="Refresh now"
        title="Refresh now (d r)"
        onClick={() => live.refreshAll()}
      >
        <Icon name="refresh" />
      </button>
      <Menu
        label={refreshMs === undefined ? "Refresh: Paused" : `Refresh: every ${spaced(refresh)}`}
        button={
          <span className="time-every hms-number">
            {refreshMs === undefined ? "Paused" : spaced(refresh)}
          </span>
        }
        buttonClassName="hms-strip-button"
        choices={[
          { value: PAUSED, word: "Paused" },
          ...REFRESH_CHOICES.map((value) => ({ value, word: `Every ${spaced(value)}` })),
        ]}
        value={refresh}
        onChoose={(value) =>
          set({ refreshMs: value === PAUSED ? undefined : parseDurationMs(value) })
        }
      />
    </>
  );
}

function spaced(duration: string): string {
  return duration.replace(/(\d+)(\D+)/, "$1 $2").replace(" m", " min");
}

function zoneChoices(zone: string): readonly string[] {
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [
    ...new Set([
      zone,
      "UTC",
      here,
      "America/New_York",
      "America/Chicago",
      "America/Denver",
      "America/Los_Angeles",
    ]),
  ];
}
