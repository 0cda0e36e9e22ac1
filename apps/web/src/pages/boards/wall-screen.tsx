import { BoardPanel } from "@hms-mfe/bricks";
import type { Board } from "@hms-ops/model";
import { useNow } from "@hms-ops/react";
import type { ReactNode } from "react";

/** Readable at five metres: no more than this at once. */
const PANELS_AT_ONCE = 6;
const TURN_MS = 20_000;

interface WallScreenProps {
  readonly board: Board;
  readonly banner: ReactNode;
  /** While something critical fires the pages stop turning, at the first. */
  readonly critical: boolean;
}

/** A board for a wall: what matters first, six at a time, turning by itself. */
export function WallScreen({ board, banner, critical }: WallScreenProps) {
  const nowMs = useNow(TURN_MS);
  const panels = board.panels.toSorted((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x);
  const pages = Math.ceil(panels.length / PANELS_AT_ONCE);
  const page = critical || pages === 0 ? 0 : Math.floor(nowMs / TURN_MS) % pages;
  const shown = panels.slice(page * PANELS_AT_ONCE, (page + 1) * PANELS_AT_ONCE);
  return (
    <>
      <h1 className="hms-hidden">{board.title}</h1>
      {banner}
      <div className="board-grid">
        {shown.map((panel) => (
          <div key={panel.id} className={`board-place board-place-${panel.kind}`}>
            <BoardPanel panel={panel} heightPx={WALL_CHART_PX} />
          </div>
        ))}
      </div>
    </>
  );
}

const WALL_CHART_PX = 160;
