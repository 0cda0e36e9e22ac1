import {
  type DataColumn,
  DataTable,
  Empty,
  Field,
  Icon,
  PageHead,
  Panel,
  panelStateOf,
} from "@hms-mfe/bricks";
import { useBoards, useTimeRange } from "@hms-ops/react";
import type { BoardList } from "../../hub-types.ts";
import { useSearch } from "../../shell/address.ts";
import { copyText } from "../../shell/copy.ts";
import { useTitle } from "../../shell/title.ts";
import { keptExprs, OWN_BOARD } from "./own-board.ts";
import "./boards-page.css";

type BoardSummary = BoardList["boards"][number];

const COLUMNS: readonly DataColumn<BoardSummary>[] = [
  {
    key: "title",
    head: "Board",
    cell: (board) => (
      <a className="hms-strong" href={`/boards/${encodeURIComponent(board.uid)}`}>
        {board.title}
      </a>
    ),
  },
  {
    key: "description",
    head: "What it answers",
    optional: true,
    cell: (board) => board.description ?? "",
  },
  { key: "tags", head: "Tags", cell: (board) => board.tags.join(", ") },
  { key: "origin", head: "From", cell: (board) => <span className="hms-dim">{board.origin}</span> },
];

/** Find a board. */
export function BoardsPage() {
  const { values, change } = useSearch();
  const { zone } = useTimeRange();
  const answer = useBoards();
  useTitle("Boards");
  const word = (values.get("find") ?? "").trim().toLowerCase();
  const boards = [...ownSummary(), ...(answer.data?.boards ?? [])];
  const found = boards.filter((board) =>
    `${board.title} ${board.tags.join(" ")} ${board.description ?? ""}`
      .toLowerCase()
      .includes(word),
  );
  return (
    <>
      <PageHead title="Boards" />
      <div className="boards-search">
        <Field
          label="Find a board"
          hideLabel
          type="search"
          placeholder="Find a board"
          value={values.get("find") ?? ""}
          data-page-search
          before={<Icon name="search" small />}
          after={<kbd className="hms-key">/</kbd>}
          onChange={(event) => change({ find: event.target.value || undefined }, "replace")}
        />
      </div>
      <Panel
        title="All boards"
        unit={boards.length === 0 ? "" : `${found.length} of ${boards.length}`}
        state={panelStateOf([answer], zone, "")}
        fetching={false}
      >
        {boards.length === 0 ? (
          <Empty command="mkdir -p dashboards" copy={copyText}>
            No board yet. A JSON file in this folder becomes one at once:
          </Empty>
        ) : (
          <DataTable
            caption="Boards"
            columns={COLUMNS}
            rows={found}
            rowKey={(board) => board.uid}
          />
        )}
      </Panel>
    </>
  );
}

function ownSummary(): readonly BoardSummary[] {
  const exprs = keptExprs();
  if (exprs.length === 0) return [];
  const description = `${exprs.length} ${exprs.length === 1 ? "expression" : "expressions"} from Explore`;
  return [
    { uid: OWN_BOARD, title: "Your own board", description, tags: [], origin: "this browser" },
  ];
}
