import "./pulse-tape.css";

export interface PulseTapeTick {
  readonly atMs: number;
  readonly state: "ok" | "late" | "failed";
}

export interface PulseTapeProps {
  /** Oldest first; the last twenty are drawn. */
  readonly ticks: readonly PulseTapeTick[];
}

const TICKS = 20;

/** One tick a scrape: late is tall and amber, failed is a gap. Decoration of the words beside it. */
export function PulseTape({ ticks }: PulseTapeProps) {
  return (
    <svg className="hms-tape" viewBox="0 0 60 20" aria-hidden="true">
      <path className="hms-tape-ground" d="M0 19.5H60" />
      <path className="hms-tape-ok" d={strokes(ticks, "ok", 9)} />
      <path className="hms-tape-late" d={strokes(ticks, "late", 16)} />
    </svg>
  );
}

function strokes(ticks: readonly PulseTapeTick[], state: PulseTapeTick["state"], height: number) {
  const shown = ticks.slice(-TICKS);
  const first = TICKS - shown.length;
  return shown
    .map((tick, i) => (tick.state === state ? `M${(first + i) * 3 + 0.75} 18v-${height}` : ""))
    .join("");
}
