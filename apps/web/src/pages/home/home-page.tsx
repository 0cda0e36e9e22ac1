import { Banner, LinkButton, PageHead, StatusMark } from "@hms-mfe/bricks";
import {
  formatClock,
  type OpenAlert,
  type OverviewModel,
  overviewModel,
  overviewQueries,
  type StatusState,
} from "@hms-ops/panels";
import {
  useAlerts,
  useHub,
  useMetricNames,
  useNotifications,
  useRangeQueries,
  useServices,
  useStatus,
  useTimeRange,
} from "@hms-ops/react";
import { useMemo } from "react";
import { useTitle } from "../../shell/title.ts";
import { toldWords } from "../alerts/told.ts";
import { FirstRun } from "./first-run.tsx";
import { MachinePanels } from "./machine-panels.tsx";
import { ServicesPanel } from "./services-panel.tsx";
import { FiringPanel, PhonePanel } from "./side-panels.tsx";
import "./home-page.css";

/** Resolution of the spark lines: about one point a pixel of a small tile. */
const SPARK_WIDTH_PX = 120;

/** Are we OK? If not: what, since when, who was told. */
export function HomePage() {
  const model = useOverview();
  const status = useStatus();
  const names = useMetricNames();
  const waiting = status.data?.ingest.state === "waiting";
  const title = model
    ? waiting && model.tiles.length === 0
      ? "Nothing has arrived yet."
      : model.title
    : "";
  useTitle("Home");
  if (!model)
    return <PageHead large title={status.error ? "The hub does not answer." : "Asking the hub."} />;
  return (
    <>
      <PageHead large title={title} lead={<Tally counts={model.counts} />} />
      <WorstBanner alerts={model.alerts} />
      <HomeBody model={model} names={names.data ?? []} url={status.data?.hub.url} />
    </>
  );
}

interface HomeBodyProps {
  readonly model: OverviewModel;
  readonly names: readonly string[];
  readonly url: string | undefined;
}

/** Services and what happened; until a service of the agency reports, what to type. */
function HomeBody({ model, names, url }: HomeBodyProps) {
  const machine = names.includes("node_cpu_seconds_total") ? <MachinePanels /> : null;
  const atWork = model.tiles.some((tile) => tile.requestsPerMin !== undefined);
  if (model.tiles.length === 0) return <FirstRun url={url} />;
  return (
    <div className="hms-split">
      <div className="hms-stack">
        <ServicesPanel tiles={model.tiles} />
        {atWork ? null : machine}
        {atWork ? null : <FirstRun url={url} />}
      </div>
      <aside className="hms-stack" aria-label="What happened">
        <FiringPanel model={model} />
        <PhonePanel />
      </aside>
    </div>
  );
}

/** Undefined until the hub has answered which metrics and alerts there are. */
function useOverview(): OverviewModel | undefined {
  const { clock } = useHub();
  const { zone } = useTimeRange();
  const names = useMetricNames();
  const alerts = useAlerts();
  const services = useServices();
  const queries = useMemo(() => overviewQueries(names.data ?? []), [names.data]);
  const exprs = useMemo(() => queries.map((query) => query.expr), [queries]);
  const answers = useRangeQueries(exprs, { widthPx: SPARK_WIDTH_PX });
  return useMemo(() => {
    if (!names.data || !alerts.data || answers.some((answer) => answer.status === "loading")) {
      return undefined;
    }
    const pictures = Object.fromEntries(queries.map((query, i) => [query.id, answers[i]?.data]));
    const sources = services.data?.services ?? [];
    return overviewModel({ pictures, alerts: alerts.data, sources, nowMs: clock.now(), zone });
  }, [names.data, alerts.data, services.data, answers, queries, clock, zone]);
}

const TALLY: readonly { readonly state: StatusState; words(count: number): string }[] = [
  { state: "crit", words: (count) => `${count} critical` },
  { state: "warn", words: (count) => (count === 1 ? "1 warning" : `${count} warnings`) },
  { state: "none", words: (count) => `${count} without data` },
  { state: "mute", words: (count) => `${count} silenced` },
  { state: "ok", words: (count) => `${count} OK` },
];

function Tally({ counts }: { readonly counts: OverviewModel["counts"] }) {
  return (
    <p className="home-tally">
      {TALLY.filter(({ state }) => counts[state] > 0).map(({ state, words }) => (
        <StatusMark key={state} state={state} word={words(counts[state])} />
      ))}
    </p>
  );
}

function WorstBanner({ alerts }: { readonly alerts: readonly OpenAlert[] }) {
  const { zone } = useTimeRange();
  const notifications = useNotifications(50);
  const worst = alerts.find((alert) => alert.state === "firing" && alert.severity === "crit");
  if (!worst) return null;
  const told = toldWords(notifications.data?.notifications ?? [], worst.name, worst.sinceMs, zone);
  const facts = [
    { name: "Where", text: worst.service },
    { name: "Alert", text: worst.name },
    { name: "Who was told", text: told },
  ].filter((fact) => fact.text !== "");
  return (
    <Banner
      key={`${worst.name} ${worst.sinceMs}`}
      state="crit"
      facts={facts}
      actions={
        <LinkButton look="main" href={`/alerts?alert=${encodeURIComponent(worst.name)}`}>
          Open alert
        </LinkButton>
      }
    >
      Critical: {worst.detail || worst.name}, since {formatClock(worst.sinceMs, zone)}
    </Banner>
  );
}
