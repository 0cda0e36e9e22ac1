import { type ReactNode, useEffect, useId, useRef } from "react";
import { Icon } from "../icons.tsx";
import "./dialog.css";

export interface DialogProps {
  readonly title: string;
  readonly open: boolean;
  /** `corner` opens under the strip at the right, where its button is. */
  readonly place?: "middle" | "corner";
  /** Esc, the close button, or a click beside it. */
  onClose(): void;
  readonly children: ReactNode;
}

/** The browser's own dialog: it keeps the focus, and gives it back. */
export function Dialog({ title, open, place = "middle", onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (open && dialog && !dialog.open) dialog.showModal();
    if (!open && dialog?.open) dialog.close();
  }, [open]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click only shuts what Esc shuts for a keyboard.
    <dialog
      ref={ref}
      className={`hms-dialog hms-dialog-${place}`}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="hms-dialog-body">
        <div className="hms-dialog-head">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="hms-dialog-close" aria-label="Close" onClick={onClose}>
            <Icon name="close" small />
          </button>
        </div>
        {open ? children : null}
      </div>
    </dialog>
  );
}
