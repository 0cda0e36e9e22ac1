import { BoardPanel } from "@hms-mfe/bricks";
import type { Board, Panel } from "@hms-ops/model";
import { compareStates, type StatusState } from "@hms-ops/panels";
import { useNow } from "@hms-ops/react";
import { type CSSProperties, type ReactNode, useCallback, useState } from "react";

/** Readable at five metres: no more than this at once. A critical panel takes two places. */
const PLACES = 6;
const TURN_MS = 20_000;
/** What strip, banner and title leave of half a 1080 px screen. */
const CHART_HEIGHT_PX = 270;

type States = ReadonlyMap<number, StatusState>;

interface WallScreenProps {
  readonly board: Board;
  readonly banner: ReactNode;
  /** While something critical fires the pages stop turning, at the first. */
  readonly critical: boolean;
}

/** A board for a wall: critical first, six places at a time, turning by itself. */
export function WallScreen({ board, banner, critical }: WallScreenProps) {
  const nowMs = useNow(TURN_MS);
  const [states, setStates] = useState<States>(new Map());
  const tell = useCallback(
    (id: number, state: StatusState) => setStates((old) => new Map(old).set(id, state)),
    [],
  );
  const pages = wallPages(board.panels, states);
  const turn = critical ? 0 : Math.floor(nowMs / TURN_MS);
  const shown = pages[turn % Math.max(1, pages.length)] ?? [];
  return (
    <>
      <h1 className="hms-hidden">{board.title}</h1>
      {banner}
      <div className="board-grid">
        {shown.map((panel) => (
          <div
            key={panel.id}
            className={`board-place board-place-${panel.kind}`}
            style={{ "--wall-places": placesOf(panel, states) } as CSSProperties}
          >
            <BoardPanel
              panel={panel}
              heightPx={CHART_HEIGHT_PX}
              onState={(state) => tell(panel.id, state)}
            />
          </div>
        ))}
      </div>
    </>
  );
}

/** Critical panels first, the others as the board has them; filled up page by page. */
export function wallPages(panels: readonly Panel[], states: States): readonly (readonly Panel[])[] {
  const ordered = panels
    .toSorted((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x)
    .toSorted((a, b) => urgency(a, states) - urgency(b, states));
  const pages: Panel[][] = [];
  let free = 0;
  for (const panel of ordered) {
    const places = placesOf(panel, states);
    if (places > free) {
      pages.push([]);
      free = PLACES;
    }
    pages.at(-1)?.push(panel);
    free -= places;
  }
  return pages;
}

function urgency({ id }: Panel, states: States): number {
  return compareStates(states.get(id) ?? "ok", "crit") === 0 ? 0 : 1;
}

function placesOf({ id }: Panel, states: States): 1 | 2 {
  return states.get(id) === "crit" ? 2 : 1;
}
