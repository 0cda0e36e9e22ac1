import type { ReactNode } from "react";
import { CommandHint, type CommandHintProps } from "../controls/command-hint.tsx";

export interface EmptyProps {
  /** Why there is nothing, as a sentence. */
  readonly children: ReactNode;
  /** The one way out, to copy. */
  readonly command?: string;
  readonly copy?: CommandHintProps["copy"];
}

/** Nothing here yet: why, and what to type. */
export function Empty({ children, command, copy }: EmptyProps) {
  return (
    <div className="hms-panel-note hms-dim">
      <p>{children}</p>
      {command ? <CommandHint command={command} {...(copy ? { copy } : {})} /> : null}
    </div>
  );
}
