import { Banner, Button, Empty, LinkButton, PageHead, StatusMark } from "@hms-mfe/bricks";
import type { Board } from "@hms-ops/model";
import { formatSpan, type OpenAlert, writePageTime } from "@hms-ops/panels";
import { useAlerts, useBoard, useNow } from "@hms-ops/react";
import { useEffect, useMemo } from "react";
import { useRouter, useSearch } from "../../shell/address.ts";
import { useTitle } from "../../shell/title.ts";
import { BoardGrid } from "./board-grid.tsx";
import { readRefreshMs } from "./board-time.ts";
import { keptExprs, OWN_BOARD, ownBoard } from "./own-board.ts";
import { WallScreen } from "./wall-screen.tsx";
import "./boards-page.css";

/** A board: read it in five seconds. */
export function BoardPage({ uid }: { readonly uid: string }) {
  return uid === OWN_BOARD ? <OwnBoardPage /> : <StoredBoardPage uid={uid} />;
}

function OwnBoardPage() {
  const { values } = useSearch();
  const asked = values.getAll("q").join("\n");
  const board = useMemo(() => ownBoard(asked === "" ? keptExprs() : asked.split("\n")), [asked]);
  return <ShownBoard board={board} />;
}

function StoredBoardPage({ uid }: { readonly uid: string }) {
  const answer = useBoard(uid);
  useTitle(answer.data?.title ?? "Board");
  if (answer.data) return <ShownBoard board={answer.data} />;
  if (!answer.error) return <PageHead title="Board" crumbs={CRUMBS} lead="Loading" />;
  return (
    <>
      <PageHead title="This board cannot be shown" crumbs={CRUMBS} />
      <p>
        <StatusMark state="crit" word={answer.error.code} /> {answer.error.message}
      </p>
      <Empty>
        {answer.error.mend} <a href="/boards">All boards</a>
      </Empty>
    </>
  );
}

const CRUMBS = [{ word: "Boards", href: "/boards" }];

function ShownBoard({ board }: { readonly board: Board }) {
  const { values, change } = useSearch();
  useTitle(board.title);
  useBoardTime(board);
  const alerts = useAlerts();
  const worst = (alerts.data ?? []).find(
    ({ name, state }) => state === "firing" && board.bannerAlerts.includes(name),
  );
  const banner = worst ? <BoardBanner alert={worst} /> : null;
  if (values.has("kiosk")) {
    return <WallScreen board={board} banner={banner} critical={worst !== undefined} />;
  }
  return (
    <>
      <PageHead
        title={board.title}
        crumbs={[...CRUMBS, { word: board.title }]}
        lead={board.description ? <p className="board-lead">{board.description}</p> : null}
        actions={
          <Button onClick={() => change({ kiosk: "" })}>
            Wall screen <kbd className="hms-key hms-not-small">d k</kbd>
          </Button>
        }
      />
      {banner}
      {board.panels.length === 0 ? (
        <Empty>
          This board has no panel. Ask something in <a href="/explore">Explore</a> and keep it.
        </Empty>
      ) : (
        <BoardGrid board={board} />
      )}
    </>
  );
}

function BoardBanner({ alert }: { readonly alert: OpenAlert }) {
  const nowMs = useNow(60_000);
  return (
    <Banner
      key={`${alert.name} ${alert.sinceMs}`}
      state={alert.severity}
      actions={
        <LinkButton look="main" href={`/alerts?alert=${encodeURIComponent(alert.name)}`}>
          Open alert
        </LinkButton>
      }
    >
      {alert.name}
      {alert.detail ? `: ${alert.detail}` : ""}, for {formatSpan(nowMs - alert.sinceMs)}
    </Banner>
  );
}

/** Where the address says nothing about time, the board's own range and refresh go into it. */
function useBoardTime({ from, to, refresh }: Board): void {
  const router = useRouter();
  useEffect(() => {
    if (new URLSearchParams(router.search()).has("from")) return;
    const change = { time: { from, to }, refreshMs: readRefreshMs(refresh) };
    router.go(writePageTime(router.search(), change), "replace");
  }, [router, from, to, refresh]);
}
