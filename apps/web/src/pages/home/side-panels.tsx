import { Empty, Panel, StatusMark } from "@hms-mfe/bricks";
import { formatClock, type OpenAlert, type OverviewModel } from "@hms-ops/panels";
import { useNotifications, useTimeRange } from "@hms-ops/react";
import type { SentNotification } from "../../hub-types.ts";
import { deliveryWords } from "../alerts/told.ts";

/** How many lines a side panel shows before it links to the page. */
const MOST_LINES = 8;

export function FiringPanel({ model }: { readonly model: OverviewModel }) {
  const { zone } = useTimeRange();
  const worst = model.alerts.find((alert) => alert.state === "firing");
  return (
    <Panel
      title="Firing"
      status={worst?.severity}
      more={
        <a className="hms-link-quiet" href="/alerts">
          {model.firing} firing, {model.pending} pending
        </a>
      }
    >
      {model.alerts.length === 0 ? <p className="hms-dim">Nothing fires.</p> : null}
      <ul className="home-feed">
        {model.alerts.slice(0, MOST_LINES).map((alert) => (
          <li key={`${alert.name} ${JSON.stringify(alert.labels)}`}>
            <time>{formatClock(alert.sinceMs, zone)}</time>
            <div>
              <a
                className="hms-link-quiet"
                href={`/alerts?alert=${encodeURIComponent(alert.name)}`}
              >
                <StatusMark
                  state={alert.state === "pending" ? "warn" : alert.severity}
                  word={alert.state === "pending" ? `${alert.name}, pending` : alert.name}
                />
              </a>
              <small>{whereAndWhat(alert)}</small>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** The service, then what is wrong; once, where the words begin with the service. */
function whereAndWhat({ service, detail }: OpenAlert): string {
  if (service === "" || detail.startsWith(service)) return detail;
  return detail === "" ? service : `${service} · ${detail}`;
}

/** What went out to people, as they got it. */
export function PhonePanel() {
  const { zone } = useTimeRange();
  const notifications = useNotifications(MOST_LINES);
  const sent = notifications.data?.notifications ?? [];
  return (
    <Panel
      title="The phone"
      unit="what people were told"
      state={notifications.status === "loading" ? { kind: "loading" } : { kind: "ready" }}
    >
      {sent.length === 0 ? <Empty>Nobody was told anything yet.</Empty> : null}
      <ol className="home-feed">
        {sent.slice(0, MOST_LINES).map((notification) => (
          <PhoneLine key={notification.id} notification={notification} zone={zone} />
        ))}
      </ol>
    </Panel>
  );
}

interface PhoneLineProps {
  readonly notification: SentNotification;
  readonly zone: string;
}

function PhoneLine({ notification, zone }: PhoneLineProps) {
  return (
    <li>
      <time>{formatClock(notification.atMs, zone)}</time>
      <div>
        {notification.text}
        <small>{deliveryWords(notification)}</small>
      </div>
    </li>
  );
}
