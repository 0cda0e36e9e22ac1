import { type ReactNode, useId } from "react";
import { StatusGlyph } from "../status/status-mark.tsx";
import "./panel.css";

/** What a panel has to show; the words of `empty` say why and one way out. */
export type PanelState =
  | { readonly kind: "ready" }
  | { readonly kind: "loading" }
  | { readonly kind: "empty"; readonly text: ReactNode }
  | {
      readonly kind: "error";
      readonly code: string;
      readonly message: string;
      readonly mend?: string;
      /** `as of 14:32:07 UTC`: the last picture stays below, dimmed. Empty = there is none. */
      readonly asOf?: string;
    };

export interface PanelProps {
  readonly title: ReactNode;
  /** Beside the title: the unit, once. */
  readonly unit?: string;
  /** Computed: what moved, from, to, since. */
  readonly sentence?: string;
  readonly sentenceId?: string;
  readonly state?: PanelState;
  /** A question is on its way: after 300 ms a line runs along the tab. */
  readonly fetching?: boolean;
  /** While the panel's own rule fires its tab wears the colour. */
  readonly status?: "warn" | "crit" | undefined;
  /** At the right of the title: links, switches. */
  readonly more?: ReactNode;
  readonly className?: string;
  readonly children?: ReactNode;
}

/** A hairline with an index tab; no card, no shadow. */
export function Panel(props: PanelProps) {
  const { title, unit, sentence, state = { kind: "ready" }, fetching, status, more } = props;
  const titleId = useId();
  const hasPicture = state.kind === "ready" || (state.kind === "error" && state.asOf);
  return (
    <section
      className={`hms-panel${status ? ` hms-panel-${status}` : ""} ${props.className ?? ""}`.trimEnd()}
      aria-labelledby={titleId}
      aria-busy={state.kind === "loading"}
      data-fetching={fetching === true}
    >
      <header>
        <h2 id={titleId}>{title}</h2>
        {unit ? <span className="hms-panel-unit">{unit}</span> : null}
        {more ? <div className="hms-panel-more">{more}</div> : null}
      </header>
      {sentence ? (
        <p className="hms-panel-sentence" id={props.sentenceId}>
          {sentence}
        </p>
      ) : null}
      <PanelNote state={state} />
      {hasPicture ? (
        <div
          className={state.kind === "error" ? "hms-panel-body hms-panel-stale" : "hms-panel-body"}
        >
          {props.children}
        </div>
      ) : null}
    </section>
  );
}

function PanelNote({ state }: { readonly state: PanelState }) {
  switch (state.kind) {
    case "ready":
      return null;
    case "loading":
      return <p className="hms-panel-note hms-dim">Loading</p>;
    case "empty":
      return <div className="hms-panel-note hms-dim">{state.text}</div>;
    case "error":
      return (
        <p
          className={state.asOf ? "hms-panel-error" : "hms-panel-note hms-panel-error"}
          role="status"
        >
          <StatusGlyph state="crit" /> <b>{state.code}</b> {state.message}
          {state.mend ? `. ${capital(state.mend)}` : ""}
          {state.asOf ? ` · ${state.asOf}` : ""}
        </p>
      );
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
