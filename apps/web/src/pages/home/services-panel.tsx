import { Panel, Sparkline, StatusMark } from "@hms-mfe/bricks";
import { describeTime, type ServiceTile, type TileFigure } from "@hms-ops/panels";
import { useBoards, useTimeRange } from "@hms-ops/react";
import type { BoardList } from "../../hub-types.ts";

/** Every service with its three figures, worst first. */
export function ServicesPanel({ tiles }: { readonly tiles: readonly ServiceTile[] }) {
  const { time, zone } = useTimeRange();
  const boards = useBoards();
  return (
    <Panel
      title="Services"
      unit={`requests, errors, 95th percentile · ${describeTime(time, zone).toLowerCase()}`}
      more={<span className="hms-not-small">Worst first</span>}
    >
      <ul className="home-services">
        {tiles.map((tile) => (
          <li key={tile.service} className="home-service" data-state={tile.state}>
            <div className="home-service-head">
              <h3>
                <a className="hms-link-quiet" href={serviceHref(tile.service, boards.data)}>
                  {tile.service}
                </a>
              </h3>
              <StatusMark state={tile.state} word={tile.stateWord} whisper />
            </div>
            <dl className="home-figures">
              {tile.figures.map((figure) => (
                <Figure key={figure.name} figure={figure} />
              ))}
            </dl>
            {tile.note ? <p className="hms-small hms-dim hms-break">{tile.note}</p> : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Figure({ figure }: { readonly figure: TileFigure }) {
  return (
    <div>
      <dt>{figure.name}</dt>
      <dd className={`home-figure-${figure.state}`}>
        <span className="hms-number">{figure.value.number}</span>
        {figure.value.unit ? <span className="hms-unit"> {figure.value.unit}</span> : null}
        <Sparkline model={figure.spark} />
      </dd>
    </div>
  );
}

/** The service's own board, if it has one; else everything that it sends. */
function serviceHref(service: string, list: BoardList | undefined): string {
  const short = service.replace(/^hms-/, "");
  const board = list?.boards.find(({ uid, tags }) =>
    [uid, ...tags].some((word) => word === service || word === short),
  );
  if (board) return `/boards/${encodeURIComponent(board.uid)}`;
  return `/explore?q=${encodeURIComponent(`up{job=${JSON.stringify(service)}}`)}`;
}
