import { StatusGlyph } from "../status/status-mark.tsx";
import "../panel/lights.css";

export interface StatusLightProps {
  readonly label: string;
  /** Undefined or null = not known: never shown as green or red. */
  readonly ok: boolean | undefined | null;
  /** Undefined = still asking; said only while `ok` is not known. */
  readonly loading?: boolean;
}

/** One traffic light: shape, icon, word and colour. */
export function StatusLight({ label, ok, loading }: StatusLightProps) {
  const known = typeof ok === "boolean";
  const state = known ? (ok ? "ok" : "crit") : "none";
  const word = known ? (ok ? "OK" : "Critical") : loading === false ? "No data" : "Loading";
  return (
    <div className="hms-light" role="status">
      <StatusGlyph state={state} />
      <div>
        <b className="hms-strong">{label}</b>
        <p className="hms-small">
          <span className={`hms-light-word hms-status-${state}`}>{word}</span>
        </p>
      </div>
    </div>
  );
}
