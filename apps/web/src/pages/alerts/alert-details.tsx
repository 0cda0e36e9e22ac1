import { BoardPanel, Empty, Icon, LinkButton, Panel, StatusGlyph } from "@hms-mfe/bricks";
import type { Panel as PanelSpec } from "@hms-ops/model";
import { alertBands, formatClock, formatMoment, formatSpan, type OpenAlert } from "@hms-ops/panels";
import { useNotifications, useNow, useRangeQuery, useTimeRange } from "@hms-ops/react";
import { useEffect, useMemo, useRef } from "react";
import { changeSearch } from "../../router.ts";
import { useSearch } from "../../shell/address.ts";
import { unitOf } from "../explore/expressions.ts";
import { type RuleView, splitLimit } from "./rule-view.ts";
import { deliveryWords } from "./told.ts";

const BANDS_WIDTH_PX = 400;
const CHART_HEIGHT_PX = 180;

/** One alert: what it measures against its limit, since when, where from, who was told. */
export function AlertDetails({ view }: { readonly view: RuleView }) {
  const { values } = useSearch();
  const { rule } = view;
  const title = useRef<HTMLHeadingElement>(null);
  // Opened by a link in the list: the reader is led to what opened.
  // biome-ignore lint/correctness/useExhaustiveDependencies: again for each alert that is opened.
  useEffect(() => title.current?.focus({ preventScroll: true }), [rule.name]);
  const closed = changeSearch(`?${values}`, { alert: undefined });
  return (
    <aside className="alerts-details" aria-labelledby="alert-title">
      <header className="alerts-details-head">
        <StatusGlyph state={view.mark} />
        <h2 id="alert-title" ref={title} tabIndex={-1}>
          {rule.name}
        </h2>
        <a className="alerts-close" href={`/alerts${closed}`} aria-label="Close">
          <Icon name="close" small />
        </a>
      </header>
      <p>{leadSentence(view, useNow(10_000))}</p>
      <div className="hms-actions alerts-details-actions">
        <LinkButton look="main" href={`/explore?q=${encodeURIComponent(rule.expr)}`}>
          Open in Explore
        </LinkButton>
      </div>
      <div className="hms-stack">
        <MeasuredPanel view={view} />
        <OpenPanel open={view.open} />
        <RulePanel view={view} />
        <ToldPanel name={rule.name} />
      </div>
    </aside>
  );
}

function leadSentence({ state, word, open, sinceMs, rule }: RuleView, nowMs: number): string {
  const forSpan = sinceMs === undefined ? "" : ` for ${formatSpan(nowMs - sinceMs)}`;
  const detail = open[0]?.detail ? ` ${open[0].detail}.` : "";
  switch (state) {
    case "firing":
      return `${word}, firing${forSpan}.${detail}`;
    case "pending":
      return `Pending${forSpan}; it fires when it has lasted ${formatSpan(rule.forMs)}.${detail}`;
    case "no-data":
      return rule.health === "err"
        ? `This rule cannot be judged: ${rule.lastError}`
        : "Not judged yet: the rule was just loaded, or nothing it asks for has arrived.";
    case "ok":
      return "OK. The expression gives nothing now.";
  }
}

function MeasuredPanel({ view: { rule } }: { readonly view: RuleView }) {
  const limited = splitLimit(rule.expr);
  const panel = useMemo(() => measuredPanel(rule.expr), [rule.expr]);
  const name = rule.name.replace(/["\\]/g, "\\$&");
  const past = useRangeQuery(`ALERTS{alertname="${name}"}`, { widthPx: BANDS_WIDTH_PX });
  const bands = useMemo(() => alertBands(past.data), [past.data]);
  const { values, change } = useSearch();
  return (
    <BoardPanel
      panel={limited ? panel : { ...panel, title: "What the expression gives" }}
      heightPx={CHART_HEIGHT_PX}
      bands={bands}
      asTable={values.get("view") === "table"}
      onTable={(asTable) => change({ view: asTable ? "table" : undefined })}
    />
  );
}

function measuredPanel(expr: string): PanelSpec {
  const limited = splitLimit(expr);
  const measured = limited?.expr ?? expr;
  return {
    id: 1,
    title: "Value against the limit",
    kind: "timeseries",
    grid: { x: 0, y: 0, w: 24, h: 8 },
    queries: [{ expr: measured }],
    unit: unitOf(measured),
    ...(limited
      ? { limits: [{ value: limited.value, bad: limited.bad, state: "crit" as const }] }
      : {}),
  };
}

function OpenPanel({ open }: { readonly open: readonly OpenAlert[] }) {
  const { zone } = useTimeRange();
  if (open.length === 0) return null;
  return (
    <Panel title="Open" unit={open.length === 1 ? "" : `${open.length} at once`}>
      <ul className="alerts-open">
        {open.map((alert) => (
          <li key={JSON.stringify(alert.labels)}>
            <p>
              {alert.state === "firing" ? "Firing" : "Pending"} since{" "}
              {formatMoment(alert.sinceMs, zone)}
            </p>
            <dl className="alerts-labels">
              {Object.entries(alert.labels).map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd className="hms-code">{value}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function RulePanel({ view: { rule } }: { readonly view: RuleView }) {
  return (
    <Panel title="Rule" unit={rule.origin}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long rule scrolls, also by keyboard. */}
      <pre className="alerts-code" tabIndex={0}>
        {rule.source.trim() || rule.expr}
      </pre>
      {rule.dialect === "prometheus" ? null : (
        <p className="hms-small hms-dim alerts-promql">
          In PromQL: <span className="hms-code">{rule.expr}</span>
        </p>
      )}
      <p className="hms-small hms-dim">
        {rule.forMs > 0 ? `Fires after ${formatSpan(rule.forMs)}. ` : "Fires at once. "}
        Written as {rule.dialect}, in the group {rule.group}.
      </p>
    </Panel>
  );
}

function ToldPanel({ name }: { readonly name: string }) {
  const { zone } = useTimeRange();
  const notifications = useNotifications(50);
  const told = (notifications.data?.notifications ?? []).filter((one) => one.alertName === name);
  return (
    <Panel title="Who was told">
      {told.length === 0 ? <Empty>Nobody was told about this alert yet.</Empty> : null}
      <ol className="alerts-told">
        {told.map((one) => (
          <li key={one.id}>
            <time>{formatClock(one.atMs, zone)}</time>
            <div>
              {one.text}
              <small>{deliveryWords(one)}</small>
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
