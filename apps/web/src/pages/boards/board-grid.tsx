import { BoardPanel } from "@hms-mfe/bricks";
import type { Board, Panel } from "@hms-ops/model";
import { alertBands, type PanelContext } from "@hms-ops/panels";
import { useRangeQuery } from "@hms-ops/react";
import { type CSSProperties, useMemo } from "react";
import { useSearch } from "../../shell/address.ts";

/** Bands need no more detail than a narrow chart has. */
const BANDS_WIDTH_PX = 600;

/** 24 columns, rows of 30 px + 8 px; one column on a phone. */
export function BoardGrid({ board }: { readonly board: Board }) {
  const { values, change } = useSearch();
  const bands = useBoardBands(board);
  const asTables = new Set((values.get("table") ?? "").split(","));
  const viewed = values.get("viewPanel");
  const panels = viewed ? board.panels.filter(({ id }) => String(id) === viewed) : board.panels;
  const ordered = panels.toSorted((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x);
  const solidId = solidTile(ordered);
  function setTable(id: number, asTable: boolean) {
    const next = new Set(asTables);
    if (asTable) next.add(String(id));
    else next.delete(String(id));
    next.delete("");
    change({ table: next.size === 0 ? undefined : [...next].join(",") });
  }
  return (
    <div className="board-grid">
      {ordered.map((panel) => (
        <div
          key={panel.id}
          className={`board-place board-place-${panel.kind}`}
          style={placeOf(panel, viewed !== null)}
        >
          <BoardPanel
            panel={panel}
            asTable={asTables.has(String(panel.id))}
            solid={panel.id === solidId}
            {...(hasCritical(panel) ? { bands } : {})}
            {...(panel.kind === "timeseries"
              ? { onTable: (asTable: boolean) => setTable(panel.id, asTable) }
              : {})}
            more={
              <a className="hms-link-quiet" href={exploreHref(panel)}>
                Explore
              </a>
            }
          />
        </div>
      ))}
    </div>
  );
}

/** As custom properties, so that a narrow screen's sheet can lay it out otherwise. */
function placeOf({ grid }: Panel, alone: boolean): CSSProperties {
  const place = {
    "--column": alone ? "1 / -1" : `${grid.x + 1} / span ${grid.w}`,
    "--row": alone ? "auto" : `${grid.y + 1} / span ${grid.h}`,
  };
  return place as CSSProperties;
}

/** One solid red tile a screen at most: the first readout that has a critical limit. */
function solidTile(panels: readonly Panel[]): number | undefined {
  return panels.find((panel) => panel.kind === "stat" && hasCritical(panel))?.id;
}

function hasCritical(panel: Panel): boolean {
  return (panel.limits ?? []).some(({ state }) => state === "crit");
}

function exploreHref(panel: Panel): string {
  const search = new URLSearchParams(panel.queries.map(({ expr }) => ["q", expr]));
  return `/explore?${search}`;
}

/** When the board's alerts were pending and firing; drawn behind what has a critical limit. */
function useBoardBands({ bannerAlerts }: Board): NonNullable<PanelContext["bands"]> {
  const names = bannerAlerts.map((name) => name.replace(/[^\w ]/g, "\\\\$&")).join("|");
  const expr = names === "" ? "" : `ALERTS{alertname=~"${names}"}`;
  const answer = useRangeQuery(expr, { widthPx: BANDS_WIDTH_PX });
  return useMemo(() => alertBands(answer.data), [answer.data]);
}
