import {
  formatAgo,
  formatClock,
  formatMissionClock,
  formatSpan,
  formatValue,
} from "@hms-ops/panels";
import type { ReactNode } from "react";
import { StatusGlyph } from "../status/status-mark.tsx";
import { Mark } from "./mark.tsx";
import { PulseTape, type PulseTapeTick } from "./pulse-tape.tsx";
import "./mission-strip.css";

export interface StripAlerts {
  readonly oldestCritical: { readonly name: string; readonly sinceMs: number } | null;
  readonly steadySinceMs: number | null;
}

export interface StripIngest {
  readonly state: "waiting" | "healthy" | "lagging" | "failing";
  readonly reason: string;
  readonly seriesCount: number;
  readonly samplesPerSecond: number;
  readonly lastSampleMs: number | null;
  readonly pulse: readonly PulseTapeTick[];
}

export interface MissionStripProps {
  /** Undefined until the hub has answered once. */
  readonly hubName: string | undefined;
  readonly nowMs: number;
  readonly alerts: StripAlerts | undefined;
  readonly ingest: StripIngest | undefined;
  /** Set while the hub does not answer: when it last did. */
  readonly lostSinceMs?: number | undefined;
  readonly homeHref: string;
  /** Time range, refresh and pause. */
  readonly time?: ReactNode;
  /** Search, help, theme. */
  readonly tools?: ReactNode;
}

/** The mission clock strip: dark in both themes, on every page, never gone. */
export function MissionStrip(props: MissionStripProps) {
  const { hubName, nowMs, alerts, homeHref, time, tools } = props;
  return (
    <header className="hms-strip">
      <a className="hms-strip-brand" href={homeHref}>
        <Mark tilted={alerts?.oldestCritical != null} />
        <span>HMS-OPS</span>
      </a>
      {hubName ? <div className="hms-strip-hub">{hubName}</div> : null}
      <div className="hms-strip-clock">
        <time>{clock(nowMs)}</time>
        <span className="hms-strip-dim">UTC</span>
      </div>
      <MissionTime alerts={alerts} nowMs={nowMs} />
      <IngestCell {...props} />
      {time ? <div className="hms-strip-time">{time}</div> : null}
      {tools ? <div className="hms-strip-tools">{tools}</div> : null}
    </header>
  );
}

function MissionTime({ alerts, nowMs }: Pick<MissionStripProps, "alerts" | "nowMs">) {
  if (!alerts) return null;
  const critical = alerts.oldestCritical;
  if (critical) {
    return (
      <div className="hms-strip-mission" title="Time since the oldest open critical alert">
        <StatusGlyph state="crit" />
        <span className="hms-hidden">Critical for</span>
        <b>T+{formatMissionClock(nowMs - critical.sinceMs)}</b>
        <a
          className="hms-strip-dim hms-strip-name"
          href={`/alerts?alert=${encodeURIComponent(critical.name)}`}
        >
          {critical.name}
        </a>
      </div>
    );
  }
  return (
    <div className="hms-strip-mission" title="Time since nothing critical is open">
      <span className="hms-strip-dim">Steady</span>
      {alerts.steadySinceMs === null ? null : <b>{formatSpan(nowMs - alerts.steadySinceMs)}</b>}
    </div>
  );
}

function IngestCell({ ingest, nowMs, lostSinceMs }: MissionStripProps) {
  if (lostSinceMs !== undefined) {
    return (
      <div className="hms-strip-ingest" data-state="failing" role="status">
        <span className="hms-strip-word">
          <StatusGlyph state="crit" />
          Hub does not answer
        </span>
        <span className="hms-strip-detail">
          since {clock(lostSinceMs)}, shown is what it last said
        </span>
      </div>
    );
  }
  if (!ingest) {
    return <div className="hms-strip-ingest" data-state="waiting" role="status" />;
  }
  const word = INGEST_WORDS[ingest.state];
  return (
    <div className="hms-strip-ingest" data-state={ingest.state}>
      {ingest.pulse.length > 0 ? <PulseTape ticks={ingest.pulse} /> : null}
      <span className="hms-strip-word" role="status">
        <StatusGlyph state={word.glyph} />
        {word.text}
      </span>
      <span className="hms-strip-detail">
        {ingest.reason !== "" ? `${ingest.reason} · ` : ""}
        <span className="hms-strip-counts">
          {count(ingest.seriesCount)} series · {count(ingest.samplesPerSecond)} samples/s
          {ingest.lastSampleMs === null ? "" : " · "}
        </span>
        {ingest.lastSampleMs === null ? "" : formatAgo(ingest.lastSampleMs, nowMs, "UTC")}
      </span>
    </div>
  );
}

const INGEST_WORDS = {
  waiting: { glyph: "none", text: "Waiting for data" },
  healthy: { glyph: "ok", text: "Ingest healthy" },
  lagging: { glyph: "warn", text: "Ingest lags" },
  failing: { glyph: "crit", text: "Ingest fails" },
} as const;

function clock(timeMs: number): string {
  return formatClock(timeMs, "UTC", "seconds");
}

function count(value: number): string {
  return formatValue(value, "count").text;
}
