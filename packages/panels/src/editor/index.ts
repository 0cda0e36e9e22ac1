import type { HubPort } from "../live/hub-port.ts";

export interface PromqlEditorOptions {
  readonly value: string;
  /** For a screen reader: `Expression`. */
  readonly label: string;
  readonly hub: HubPort;
  onChange(value: string): void;
  /** Enter; Shift+Enter makes a new line. */
  onRun(value: string): void;
}
export interface PromqlEditor {
  setValue(value: string): void;
  focus(): void;
  destroy(): void;
}
/** Loaded lazily: `await import("@hms-ops/panels/editor")`. */
export declare function mountPromqlEditor(
  element: HTMLElement,
  options: PromqlEditorOptions,
): PromqlEditor;
