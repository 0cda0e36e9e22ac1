import { useEffect, useRef } from "react";

/** What the keys do; listed in the help dialog as they stand here. */
export const SHORTCUTS = [
  { keys: "g h", words: "Home" },
  { keys: "g e", words: "Explore" },
  { keys: "g d", words: "Boards" },
  { keys: "g a", words: "Alerts" },
  { keys: "g s", words: "Series" },
  { keys: "t z", words: "Zoom the time range out" },
  { keys: "t ←", words: "Earlier" },
  { keys: "t →", words: "Later" },
  { keys: "d r", words: "Refresh now" },
  { keys: "d k", words: "Board as wall screen" },
  { keys: "a", words: "On a panel: as table, and back" },
  { keys: "/", words: "Search on this page" },
  { keys: "?", words: "This help" },
  { keys: "Esc", words: "Shut what is open; leave the wall screen" },
] as const;

export type ShortcutKeys = (typeof SHORTCUTS)[number]["keys"];

/** Two keys belong together when the second comes within this time. */
const SEQUENCE_MS = 1_200;

/** Calls by keys; never while somebody types or a dialog is open. Esc always works. */
export function useShortcuts(
  on: boolean,
  calls: Readonly<Partial<Record<ShortcutKeys, () => void>>>,
): void {
  const latest = useRef(calls);
  latest.current = calls;
  useEffect(() => {
    let first: { readonly key: string; readonly atMs: number } | undefined;
    function onKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const key = KEY_NAMES[event.key] ?? event.key;
      if (key !== "Esc" && (!on || isTyping(event.target))) return;
      const pair = first && event.timeStamp - first.atMs < SEQUENCE_MS ? `${first.key} ${key}` : "";
      first = { key, atMs: event.timeStamp };
      const call = latest.current[pair as ShortcutKeys] ?? latest.current[key as ShortcutKeys];
      if (!call) return;
      first = undefined;
      // Esc keeps what the browser does with it: it shuts dialogs.
      if (key !== "Esc") event.preventDefault();
      call();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [on]);
}

const KEY_NAMES: Readonly<Record<string, string>> = {
  Escape: "Esc",
  ArrowLeft: "←",
  ArrowRight: "→",
};

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog[open]")) return true;
  return target.isContentEditable || target.matches("input, textarea, select");
}
