import type { Board } from "@hms-ops/model";
import { read, store } from "../../shell/preferences.ts";
import { unitOf } from "../explore/expressions.ts";

/** The reader's own board: its expressions are its address; the browser remembers the last one. */
export const OWN_BOARD = "own";
const OWN_KEY = "hms-own-board";

export function keepOwnBoard(exprs: readonly string[]): void {
  store(OWN_KEY, JSON.stringify(exprs));
}

/** Empty when none was kept in this browser. */
export function keptExprs(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(read(OWN_KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((expr) => typeof expr === "string") : [];
  } catch {
    return [];
  }
}

/** Two charts a row, in the order in which they were added. */
export function ownBoard(exprs: readonly string[]): Board {
  return {
    uid: OWN_BOARD,
    title: "Your own board",
    description: "Kept in this browser and in the address: share the address, share the board.",
    tags: [],
    from: "now-1h",
    to: "now",
    refresh: "30s",
    bannerAlerts: [],
    panels: exprs.map((expr, i) => ({
      id: i + 1,
      title: expr,
      kind: "timeseries",
      grid: { x: (i % 2) * 12, y: Math.floor(i / 2) * 8, w: 12, h: 8 },
      queries: [{ expr }],
      unit: unitOf(expr),
    })),
  };
}
