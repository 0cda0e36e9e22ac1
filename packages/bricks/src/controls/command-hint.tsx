import { useState } from "react";
import { Icon } from "../icons.tsx";
import "./command-hint.css";

export interface CommandHintProps {
  /** What to type, as it is typed. */
  readonly command: string;
  /** Puts the text where the reader can paste it; absent = there is no copy button. */
  copy?(text: string): Promise<void>;
}

/** A command to copy. */
export function CommandHint({ command, copy }: CommandHintProps) {
  const [said, setSaid] = useState("");
  return (
    <div className="hms-command">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long command scrolls, also by keyboard. */}
      <pre tabIndex={0}>{command}</pre>
      {copy ? (
        <button
          type="button"
          aria-label={`Copy the command ${command}`}
          onClick={() => {
            copy(command).then(
              () => setSaid("Copied"),
              () => setSaid("Not copied: select the text instead"),
            );
          }}
        >
          <Icon name="copy" small />
          Copy
        </button>
      ) : null}
      <span className="hms-small hms-dim" role="status">
        {said}
      </span>
    </div>
  );
}
