import { formatMoment, type LiveState } from "@hms-ops/panels";
import type { PanelState } from "../panel/panel.tsx";

/** Several questions of one panel as one state: an error wins, then waiting. */
export function panelStateOf(
  states: readonly LiveState<unknown>[],
  zone: string,
  emptyText: string,
): PanelState {
  const failed = states.find((state) => state.error !== undefined);
  if (failed?.error) {
    const { code, message, mend } = failed.error;
    const asOf =
      failed.lastSuccessMs === undefined ? "" : `as of ${formatMoment(failed.lastSuccessMs, zone)}`;
    return { kind: "error", code, message, mend, asOf };
  }
  if (states.some((state) => state.status === "loading")) return { kind: "loading" };
  if (states.length > 0 && states.every((state) => state.status === "empty")) {
    return { kind: "empty", text: emptyText };
  }
  return { kind: "ready" };
}
