import { Button, LinkButton } from "@hms-mfe/bricks";
import { freezeTime, resolveTimeRange } from "@hms-ops/panels";
import { useHub, useTimeRange } from "@hms-ops/react";
import { useState } from "react";
import { changeSearch } from "../../router.ts";
import { useSearch } from "../../shell/address.ts";
import { copyText } from "../../shell/copy.ts";
import { useTitle } from "../../shell/title.ts";
import { keepOwnBoard } from "../boards/own-board.ts";
import { ExplorePanel, type ExploreView } from "./explore-panel.tsx";
import { MetricList } from "./metric-list.tsx";
import "./explore-page.css";

/** Show me this metric now. */
export function ExplorePage() {
  const { values, change } = useSearch();
  const asked = values.getAll("q");
  const exprs = asked.length === 0 ? [""] : asked;
  const view: ExploreView = values.get("view") === "table" ? "table" : "graph";
  useTitle("Explore");

  const setExprs = (next: readonly string[]) => change({ q: next });
  const replaceAt = (index: number, expr: string) =>
    setExprs(exprs.map((old, i) => (i === index ? expr : old)));

  return (
    <div className="explore">
      <MetricList exprs={exprs} onChoose={(expr) => replaceAt(exprs.length - 1, expr)} />
      <div className="explore-work">
        <div className="explore-bar">
          <h1>Explore</h1>
          <ExploreActions exprs={exprs} onAdd={() => setExprs([...exprs, ""])} />
        </div>
        {exprs.map((expr, index) => (
          <ExplorePanel
            // biome-ignore lint/suspicious/noArrayIndexKey: the place is the identity, two may ask the same.
            key={index}
            index={index}
            expr={expr}
            view={view}
            alone={exprs.length === 1}
            onView={(next) => change({ view: next === "graph" ? undefined : next })}
            onRun={(next) => replaceAt(index, next)}
            onRemove={() => setExprs(exprs.filter((_, i) => i !== index))}
          />
        ))}
      </div>
    </div>
  );
}

interface ExploreActionsProps {
  readonly exprs: readonly string[];
  onAdd(): void;
}

function ExploreActions({ exprs, onAdd }: ExploreActionsProps) {
  const [said, setSaid] = useState("");
  const freezeLink = useFrozenLink();
  const kept = exprs.filter((expr) => expr.trim() !== "");
  return (
    <div className="hms-actions">
      <span className="hms-small hms-dim explore-said" role="status">
        {said}
      </span>
      <Button
        onClick={() => {
          copyText(freezeLink()).then(
            () => setSaid("Link copied, with this time range"),
            () => setSaid("Not copied: the browser does not allow it"),
          );
        }}
      >
        Copy link
      </Button>
      <LinkButton
        href={`/boards/own${changeSearch("", { q: kept })}`}
        aria-disabled={kept.length === 0}
        onClick={() => keepOwnBoard(kept)}
      >
        Keep as board
      </LinkButton>
      <Button onClick={onAdd}>Add panel</Button>
    </div>
  );
}

/** The address as it will still show the same tomorrow. */
function useFrozenLink(): () => string {
  const { clock } = useHub();
  const { time, zone } = useTimeRange();
  return () => {
    const range = resolveTimeRange(time, clock.now(), zone);
    const { from, to } = range ? freezeTime(range) : time;
    return new URL(changeSearch(location.search, { from, to }), location.href).href;
  };
}
