import "./mark.css";

export interface MarkProps {
  /** True while something critical is open: the horizon tilts. The clock beside it says it in words. */
  readonly tilted: boolean;
}

/** Ring, horizon, eye. */
export function Mark({ tilted }: MarkProps) {
  return (
    <svg className="hms-mark" data-tilted={tilted} viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="12" />
      <path d="M1 16H31" />
      <circle className="hms-mark-eye" cx="16" cy="16" r="3.5" />
    </svg>
  );
}
