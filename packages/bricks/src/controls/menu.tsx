import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import "./menu.css";

export interface MenuChoice<Value extends string> {
  readonly value: Value;
  readonly word: string;
}

export interface MenuProps<Value extends string> {
  /** What the button does, for a screen reader and on hover. */
  readonly label: string;
  readonly button: ReactNode;
  readonly buttonClassName?: string;
  readonly choices: readonly MenuChoice<Value>[];
  readonly value: Value;
  onChoose(value: Value): void;
}

/** One of several, behind a button. Arrows move, Enter chooses, Esc shuts. */
export function Menu<Value extends string>(props: MenuProps<Value>) {
  const [open, setOpen] = useState(false);
  const listId = useId();
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const chosen = frame.current?.querySelector<HTMLElement>('[aria-checked="true"]');
    if (open) chosen?.focus();
  }, [open]);

  function shut(giveFocusBack: boolean) {
    setOpen(false);
    if (giveFocusBack) frame.current?.querySelector("button")?.focus();
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    if (!open) return;
    if (event.key === "Escape") shut(true);
    else if (event.key === "ArrowDown") moveFocus(frame.current, 1);
    else if (event.key === "ArrowUp") moveFocus(frame.current, -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears the keys of the menu within.
    <div
      ref={frame}
      className="hms-menu"
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <button
        type="button"
        className={props.buttonClassName}
        aria-label={props.label}
        title={props.label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? listId : undefined}
        onClick={() => setOpen(!open)}
      >
        {props.button}
      </button>
      {open ? (
        <div className="hms-menu-list" id={listId} role="menu" aria-label={props.label}>
          {props.choices.map((choice) => (
            <button
              key={choice.value}
              type="button"
              role="menuitemradio"
              aria-checked={choice.value === props.value}
              onClick={() => {
                props.onChoose(choice.value);
                shut(true);
              }}
            >
              {choice.word}
            </button>
          ))}
        </div>
      ) : null}
    </div>
  );
}

function moveFocus(frame: HTMLElement | null, by: 1 | -1): void {
  const items = [...(frame?.querySelectorAll<Element>('[role="menuitemradio"]') ?? [])];
  const active = frame?.ownerDocument.activeElement;
  const at = active ? items.indexOf(active) : -1;
  const next = items[(at + by + items.length) % items.length];
  if (next instanceof HTMLElement) next.focus();
}
