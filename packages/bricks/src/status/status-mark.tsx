import { type StatusState, stateWord } from "@hms-ops/panels";
import "./status-mark.css";

export interface StatusGlyphProps {
  readonly state: StatusState;
}

/** Shape and icon of a state: circle and tick, triangle and mark, square and cross, diamond, bars. */
export function StatusGlyph({ state }: StatusGlyphProps) {
  return (
    <svg className={`hms-glyph hms-glyph-${state}`} viewBox="0 0 16 16" aria-hidden="true">
      {GLYPHS[state]}
    </svg>
  );
}

const GLYPHS = {
  ok: (
    <>
      <circle cx="8" cy="8" r="7.25" fill="currentColor" />
      <path d="M4.6 8.3l2.3 2.3 4.5-4.9" fill="none" stroke="var(--paper)" strokeWidth="1.8" />
    </>
  ),
  warn: (
    <>
      <path d="M8 .9l7.6 13.6H.4z" fill="currentColor" />
      <path d="M8 5.6v4.2M8 11.2v1.7" stroke="var(--paper)" strokeWidth="1.8" />
    </>
  ),
  crit: (
    <>
      <path d="M1 1h14v14H1z" fill="currentColor" />
      <path d="M4.9 4.9l6.2 6.2M11.1 4.9l-6.2 6.2" stroke="var(--paper)" strokeWidth="1.8" />
    </>
  ),
  none: (
    <>
      <path d="M8 1.1L14.9 8 8 14.9 1.1 8z" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M5.5 8h5" stroke="currentColor" strokeWidth="1.8" />
    </>
  ),
  mute: (
    <>
      <rect
        x=".9"
        y=".9"
        width="14.2"
        height="14.2"
        rx="4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
      />
      <path d="M6 4.8v6.4M10 4.8v6.4" stroke="currentColor" strokeWidth="2" />
    </>
  ),
} as const;

export interface StatusMarkProps {
  readonly state: StatusState;
  /** Instead of the state's own word: `At risk`, `2 warnings`. */
  readonly word?: string;
  /** In lists OK whispers: grey word, small teal mark. */
  readonly whisper?: boolean;
}

/** Glyph and word, for beside text. */
export function StatusMark({ state, word, whisper }: StatusMarkProps) {
  const quiet = whisper && state === "ok" ? " hms-status-whisper" : "";
  return (
    <span className={`hms-status hms-status-${state}${quiet}`}>
      <StatusGlyph state={state} />
      {word ?? stateWord(state)}
    </span>
  );
}
