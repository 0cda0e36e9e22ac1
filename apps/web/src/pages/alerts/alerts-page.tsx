import {
  Banner,
  type DataColumn,
  DataTable,
  Empty,
  PageHead,
  Panel,
  panelStateOf,
  SegmentedBar,
  StatusMark,
} from "@hms-mfe/bricks";
import { formatClock, formatSpan } from "@hms-ops/panels";
import { useAlerts, useNow, useRules, useStatus, useTimeRange } from "@hms-ops/react";
import { useMemo } from "react";
import { useSearch } from "../../shell/address.ts";
import { copyText } from "../../shell/copy.ts";
import { useOwnCommand } from "../../shell/own-command.ts";
import { useTitle } from "../../shell/title.ts";
import { AlertDetails } from "./alert-details.tsx";
import {
  alertsSentence,
  countStates,
  type RuleState,
  type RuleView,
  ruleViews,
} from "./rule-view.ts";
import "./alerts-page.css";

type Filter = RuleState | "all";

/** What fires, and what do I do? */
export function AlertsPage() {
  const { values, change } = useSearch();
  const rules = useRules();
  const alerts = useAlerts();
  const { zone } = useTimeRange();
  const hmsOps = useOwnCommand();
  useTitle("Alerts");
  const views = useMemo(
    () => ruleViews(rules.data?.rules ?? [], alerts.data ?? []),
    [rules.data, alerts.data],
  );
  const counts = countStates(views);
  const filter = (values.get("state") ?? "all") as Filter;
  const shown = filter === "all" ? views : views.filter(({ state }) => state === filter);
  const chosen = values.get("alert");
  const view = views.find(({ rule }) => rule.name === chosen);
  const waiting = rules.status === "loading";
  return (
    <div className={chosen ? "alerts alerts-with-details" : "alerts"}>
      <div className="alerts-list">
        <PageHead
          title={waiting || !alerts.data ? "Alerts" : alertsSentence(counts, alerts.data)}
          crumbs={[{ word: "Alerts" }]}
        />
        <RefusedFiles />
        <SegmentedBar<Filter>
          label="Show rules that are"
          segments={[
            { value: "all", word: `Rules ${views.length}` },
            { value: "firing", word: `Firing ${counts.firing}` },
            { value: "pending", word: `Pending ${counts.pending}` },
            { value: "ok", word: `OK ${counts.ok}` },
            { value: "no-data", word: `No data ${counts["no-data"]}` },
          ]}
          value={filter}
          onChange={(next) => change({ state: next === "all" ? undefined : next })}
        />
        {views.length === 0 ? (
          <Panel title="Rules" state={panelStateOf([rules], zone, "")}>
            <Empty command={`${hmsOps} rules load alerts.yml`} copy={copyText}>
              No alert rule is loaded. Put a file into <code>alerts/</code>, or:
            </Empty>
          </Panel>
        ) : (
          <RuleGroups views={shown} chosen={chosen} />
        )}
      </div>
      {view ? <AlertDetails view={view} /> : null}
      {chosen && !view && !waiting ? (
        <aside className="alerts-details" aria-label="Alert">
          <p>No rule is called {chosen}.</p>
          <a href="/alerts">All alerts</a>
        </aside>
      ) : null}
    </div>
  );
}

/** Rules that were written and do not run: what is listed is older than the files. */
function RefusedFiles() {
  const refusals = useStatus().data?.refusals ?? [];
  return refusals
    .filter(({ part }) => part === "rules")
    .map(({ reason, mend }) => (
      <Banner
        key={reason}
        state="warn"
        facts={[
          { name: "Where", text: <span className="alerts-refused hms-code">{reason}</span> },
          { name: "To mend it", text: mend },
        ]}
      >
        A rule file has an error: the rules that were good before run on
      </Banner>
    ));
}

interface RuleGroupsProps {
  readonly views: readonly RuleView[];
  readonly chosen: string | null;
}

/** A group whose rule is worst comes first. */
function RuleGroups({ views, chosen }: RuleGroupsProps) {
  const nowMs = useNow(10_000);
  const { zone } = useTimeRange();
  const groups = Map.groupBy(views, ({ rule }) => rule.group);
  const columns = ruleColumns(nowMs, zone);
  if (views.length === 0) return <p className="hms-dim alerts-none">None is in this state.</p>;
  return (
    <div className="hms-stack alerts-groups">
      {[...groups].map(([group, members]) => (
        <Panel
          key={group}
          title={group}
          unit={members.length === 1 ? "1 rule" : `${members.length} rules`}
          status={
            members[0]?.state === "firing"
              ? members[0].mark === "crit"
                ? "crit"
                : "warn"
              : undefined
          }
        >
          <DataTable
            caption={`Rules of ${group}`}
            columns={columns}
            rows={members}
            rowKey={({ rule }) => `${rule.origin} ${rule.name} ${rule.expr}`}
            selected={({ rule }) => rule.name === chosen}
          />
        </Panel>
      ))}
    </div>
  );
}

function ruleColumns(nowMs: number, zone: string): readonly DataColumn<RuleView>[] {
  return [
    {
      key: "name",
      head: "Alert",
      cell: ({ rule }) => <RuleLink name={rule.name} />,
    },
    {
      key: "state",
      head: "State",
      cell: ({ mark, word }) => <StatusMark state={mark} word={word} whisper />,
    },
    {
      key: "detail",
      head: "What",
      optional: true,
      cell: ({ rule, open }) =>
        rule.health === "err"
          ? rule.lastError
          : open.map((alert) => alert.detail || alert.service).join("; "),
    },
    {
      key: "since",
      head: "Since",
      kind: "number",
      cell: ({ sinceMs }) =>
        sinceMs === undefined ? (
          <span className="hms-faint">–</span>
        ) : (
          <span title={formatClock(sinceMs, zone, "seconds")}>{formatSpan(nowMs - sinceMs)}</span>
        ),
    },
    {
      key: "origin",
      head: "From",
      optional: true,
      cell: ({ rule }) => <span className="hms-dim">{rule.origin}</span>,
    },
  ];
}

function RuleLink({ name }: { readonly name: string }) {
  const { values } = useSearch();
  const search = new URLSearchParams(values);
  search.set("alert", name);
  return (
    <a className="hms-strong" href={`/alerts?${search}`}>
      {name}
    </a>
  );
}
