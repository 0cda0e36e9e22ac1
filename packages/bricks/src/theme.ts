/** `system` follows the reader's machine; the others are set as `data-theme` on the root. */
export type Theme = "system" | "light" | "dark" | "contrast";

export const THEMES: readonly Theme[] = ["system", "light", "dark", "contrast"];

export const THEME_WORDS: Readonly<Record<Theme, string>> = {
  system: "As the system",
  light: "Light",
  dark: "Dark",
  contrast: "High contrast",
};

/** Undefined for any other text, so that a stale choice falls back to the system's. */
export function readTheme(text: string | null | undefined): Theme | undefined {
  return THEMES.find((theme) => theme === text);
}

/** Puts the choice on the root element; `system` takes the attribute away. */
export function applyTheme(root: HTMLElement, theme: Theme): void {
  if (theme === "system") root.removeAttribute("data-theme");
  else root.dataset.theme = theme;
}
