import {
  type DataColumn,
  DataTable,
  Empty,
  Field,
  Icon,
  PageHead,
  Panel,
  panelStateOf,
  SegmentedBar,
} from "@hms-mfe/bricks";
import { formatAgo } from "@hms-ops/panels";
import { useCardinality, useNow, useStore, useTimeRange } from "@hms-ops/react";
import type {
  CardinalityBy,
  CardinalityEntry,
  CardinalityFigures,
  CardinalityOrder,
  LimitHit,
} from "../../hub-types.ts";
import { useSearch } from "../../shell/address.ts";
import { copyText } from "../../shell/copy.ts";
import { useOwnCommand } from "../../shell/own-command.ts";
import { useTitle } from "../../shell/title.ts";
import { cardinalitySentence, changeText, churnText, countText, growthOf } from "./words.ts";
import "./cardinality-page.css";

const BY: readonly CardinalityBy[] = ["metric", "label", "value"];
const ORDERS: readonly CardinalityOrder[] = ["series", "growth", "created", "ended"];
const SHOWN_ROWS = 50;
const DAY_MS = 86_400_000;

/** Where do my series come from, and what makes ever new ones? */
export function CardinalityPage() {
  const { values, change } = useSearch();
  const { zone } = useTimeRange();
  const nowMs = useNow(10_000);
  useTitle("Series");
  const by = BY.find((word) => word === values.get("by")) ?? "metric";
  const order = ORDERS.find((word) => word === values.get("order")) ?? "series";
  const match = values.get("match") ?? "";
  const answer = useCardinality({ by, order, match, limit: SHOWN_ROWS });
  const report = answer.data;
  const isYoung = report?.sinceMs != null && report.nowMs - report.sinceMs < DAY_MS;
  return (
    <>
      <PageHead
        title={report ? cardinalitySentence(report.total, isYoung) : "Series"}
        crumbs={[{ word: "Series" }]}
        lead={
          isYoung && report?.sinceMs != null
            ? `The first sample is of ${formatAgo(report.sinceMs, nowMs, zone)}: before it there is nothing to compare with.`
            : undefined
        }
      />
      <div className="hms-stack">
        {report ? <Changes total={report.total} /> : null}
        <Panel
          title={TITLES[by]}
          unit={report ? `${countText(report.rowCount)} ${PLURALS[by]}` : ""}
          state={panelStateOf([answer], zone, "")}
        >
          <div className="cardinality-controls">
            <SegmentedBar<CardinalityBy>
              label="Count series by"
              segments={[
                { value: "metric", word: "By metric" },
                { value: "label", word: "By label" },
                { value: "value", word: "By value" },
              ]}
              value={by}
              onChange={(next) => change({ by: next === "metric" ? undefined : next })}
            />
            <SegmentedBar<CardinalityOrder>
              label="First come those with"
              segments={[
                { value: "series", word: "Most series" },
                { value: "growth", word: "Growing" },
                { value: "created", word: "Created" },
                { value: "ended", word: "Ended" },
              ]}
              value={order}
              onChange={(next) => change({ order: next === "series" ? undefined : next })}
            />
            <Field
              label="Only series that match"
              hideLabel
              type="search"
              placeholder={'Only series that match: up, {job="ach"}'}
              key={match}
              defaultValue={match}
              data-page-search
              before={<Icon name="search" small />}
              after={<kbd className="hms-key">/</kbd>}
              onKeyDown={(event) => {
                if (event.key !== "Enter") return;
                change({ match: event.currentTarget.value.trim() || undefined });
              }}
            />
          </div>
          {report && report.rows.length > 0 ? (
            <DataTable
              caption={`${TITLES[by]}, listed`}
              columns={columnsOf(by)}
              rows={report.rows}
              rowKey={({ name, value = "" }) => `${name} ${value}`}
            />
          ) : (
            <Empty>{report && match === "" ? NOTHING[order] : "No series matches."}</Empty>
          )}
        </Panel>
        <Limits nowMs={nowMs} zone={zone} />
      </div>
    </>
  );
}

const TITLES: Readonly<Record<CardinalityBy, string>> = {
  metric: "Series by metric",
  label: "Series by label",
  value: "Series by label and value",
};

const PLURALS: Readonly<Record<CardinalityBy, string>> = {
  metric: "metrics",
  label: "labels",
  value: "values",
};

const NOTHING: Readonly<Record<CardinalityOrder, string>> = {
  series: "No series yet.",
  growth: "Nothing has more series than a day ago.",
  created: "No series was created in the last day.",
  ended: "No series ended in the last day.",
};

interface Change {
  readonly span: string;
  readonly before: number;
  readonly created: number;
  readonly ended: number;
  readonly now: number;
}

function Changes({ total }: { readonly total: CardinalityFigures }) {
  const rows: readonly Change[] = [
    {
      span: "Last hour",
      before: total.seriesHourAgo,
      created: total.createdHour,
      ended: total.endedHour,
      now: total.series,
    },
    {
      span: "Last day",
      before: total.seriesDayAgo,
      created: total.createdDay,
      ended: total.endedDay,
      now: total.series,
    },
  ];
  return (
    <Panel title="What came and went" unit="series">
      <DataTable
        caption="Series before, created, ended and now"
        columns={CHANGE_COLUMNS}
        rows={rows}
        rowKey={({ span }) => span}
      />
    </Panel>
  );
}

const CHANGE_COLUMNS: readonly DataColumn<Change>[] = [
  { key: "span", head: "Span", cell: ({ span }) => span },
  number("before", "Before", ({ before }) => countText(before)),
  number("created", "Created", ({ created }) => countText(created)),
  number("ended", "Ended", ({ ended }) => countText(ended)),
  number("now", "Now", ({ now }) => countText(now)),
];

function number<Row>(
  key: string,
  head: string,
  cell: (row: Row) => string,
  optional = false,
): DataColumn<Row> {
  return { key, head, kind: "number", optional, cell };
}

function columnsOf(by: CardinalityBy): readonly DataColumn<CardinalityEntry>[] {
  return [
    { key: "name", head: HEADS[by], cell: (entry) => <EntryName by={by} entry={entry} /> },
    number("series", "Series", ({ series }) => countText(series)),
    ...(by === "label"
      ? [number<CardinalityEntry>("values", "Values", ({ values = 0 }) => countText(values))]
      : []),
    number("growth", "Change, 1 day", (entry) => changeText(growthOf(entry))),
    number("created", "Created, 1 day", ({ createdDay }) => countText(createdDay), true),
    number("ended", "Ended, 1 day", ({ endedDay }) => countText(endedDay), true),
    number("churn", "Younger than 1 h", churnText, true),
  ];
}

const HEADS: Readonly<Record<CardinalityBy, string>> = {
  metric: "Metric",
  label: "Label",
  value: "Label and value",
};

/** The next question: the labels of a metric, the values of a label, the series of a value. */
function EntryName({
  by,
  entry: { name, value = "" },
}: {
  readonly by: CardinalityBy;
  readonly entry: CardinalityEntry;
}) {
  const pair = `{${JSON.stringify(name)}=${JSON.stringify(value)}}`;
  if (by === "value") {
    return (
      <a className="cardinality-name" href={`/cardinality?match=${encodeURIComponent(pair)}`}>
        <code>
          {name}={JSON.stringify(value)}
        </code>
      </a>
    );
  }
  const selector =
    by === "metric" ? `{__name__=${JSON.stringify(name)}}` : `{${JSON.stringify(name)}!=""}`;
  const next = by === "metric" ? "label" : "value";
  const address = `/cardinality?by=${next}&match=${encodeURIComponent(selector)}`;
  return (
    <a className="cardinality-name" href={address}>
      <code>{name}</code>
    </a>
  );
}

function Limits({ nowMs, zone }: { readonly nowMs: number; readonly zone: string }) {
  const answer = useStore();
  const hmsOps = useOwnCommand();
  const hits = answer.data?.limitHits ?? [];
  return (
    <Panel
      title="Refused at a limit"
      unit={hits.length > 0 ? "samples" : ""}
      status={hits.length > 0 ? "warn" : undefined}
      state={panelStateOf([answer], zone, "")}
    >
      {hits.length === 0 ? (
        <Empty command={`${hmsOps} doctor`} copy={copyText}>
          No limit has refused a sample since the hub was started.
        </Empty>
      ) : (
        <DataTable
          caption="Metrics whose samples a limit refused"
          columns={limitColumns(nowMs, zone)}
          rows={hits}
          rowKey={({ limit, metric, source }) => `${limit} ${metric} ${source}`}
        />
      )}
    </Panel>
  );
}

function limitColumns(nowMs: number, zone: string): readonly DataColumn<LimitHit>[] {
  return [
    { key: "metric", head: "Metric", cell: ({ metric }) => <code>{metric || "no name"}</code> },
    { key: "limit", head: "Limit", cell: ({ limit }) => limit },
    number("count", "Refused", ({ count }) => countText(count)),
    number("last", "Last", ({ lastMs }) => formatAgo(lastMs, nowMs, zone)),
    { key: "source", head: "Sender", optional: true, cell: ({ source }) => source },
    {
      key: "example",
      head: "Example",
      optional: true,
      cell: ({ example }) => <span className="cardinality-example">{example}</span>,
    },
  ];
}
