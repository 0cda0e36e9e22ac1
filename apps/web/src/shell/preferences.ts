import { applyTheme, readTheme, type Theme } from "@hms-mfe/bricks";
import { useCallback, useState } from "react";

/**
 * What belongs to the reader and not to the page: kept in the browser, not in the address. A
 * browser that refuses to store keeps the choice until the page is left.
 */
const THEME_KEY = "hms-theme";
const SHORTCUTS_KEY = "hms-shortcuts";

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(
    () => readTheme(document.documentElement.dataset.theme) ?? "system",
  );
  const choose = useCallback((next: Theme) => {
    setTheme(next);
    applyTheme(document.documentElement, next);
    store(THEME_KEY, next === "system" ? undefined : next);
  }, []);
  return [theme, choose];
}

/** Shortcuts of one key can be switched off (WCAG 2.1.4). */
export function useShortcutsSwitch(): readonly [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(() => read(SHORTCUTS_KEY) !== "off");
  const choose = useCallback((next: boolean) => {
    setOn(next);
    store(SHORTCUTS_KEY, next ? undefined : "off");
  }, []);
  return [on, choose];
}

export function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function store(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage is shut off or full: the choice lasts as long as the page.
  }
}
