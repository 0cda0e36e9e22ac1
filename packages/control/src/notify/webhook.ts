import { compareText, labelsToRecord } from "@hms-ops/model";
import type { Alert } from "../alerting/alert.ts";
import { fingerprint } from "../hash.ts";
import type { Channel, Notification, SendContext } from "./channel.ts";
import { redactUrl } from "./redact.ts";
import { smsText } from "./sms.ts";

const RECEIVER = "webhook";
const NEVER = "0001-01-01T00:00:00Z";

/** The JSON that Alertmanager posts to web hooks, version 4. */
export const webhook: Channel = {
  name: "webhook",
  reaches: "network",
  unsentNote: "",
  readAddress(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url && /^https?:$/.test(url.protocol)) return { address: text };
    return { reason: "it is no URL", suggestion: "Write webhook:https://host/path." };
  },
  redact: redactUrl,
  text: smsText,
  request: (notification, { address }, context) => ({
    method: "POST",
    url: address,
    headers: { "content-type": "application/json", "user-agent": "hms-ops" },
    body: webhookBody(notification, context),
  }),
  receipt({ status, body }) {
    if (status >= 200 && status < 300)
      return { delivery: "sent", retry: false, note: `HTTP ${status}` };
    const retry = status >= 500 || status === 429 || status === 408;
    const said = body.trim().slice(0, 200);
    return { delivery: "failed", retry, note: `HTTP ${status}${said && `: ${said}`}` };
  },
};

function webhookBody(notification: Notification, context: SendContext): string {
  const { alerts, groupLabels } = notification;
  const body = {
    receiver: RECEIVER,
    status: notification.status,
    alerts: alerts.map((alert) => alertBody(alert, notification, context)),
    notification_reason: reasonOf(notification),
    groupLabels: sorted(groupLabels),
    commonLabels: common(alerts.map(({ labels }) => labelsToRecord(labels))),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    routeLabels: {},
    externalURL: context.externalUrl,
    version: "4",
    groupKey: notification.groupKey,
    truncatedAlerts: notification.truncatedCount,
  };
  return `${escapeAsGo(JSON.stringify(body))}\n`;
}

function reasonOf({ isFirst, status }: Notification): string {
  if (isFirst) return "first notification";
  return status === "resolved" ? "all alerts resolved" : "alerts changed";
}

function alertBody(alert: Alert, { expr }: Notification, { externalUrl }: SendContext) {
  const query = encodeURIComponent(expr).replaceAll("%20", "+");
  return {
    status: alert.state === "inactive" ? "resolved" : "firing",
    labels: sorted(labelsToRecord(alert.labels)),
    annotations: sorted(alert.annotations),
    startsAt: formatTime(alert.firedAtMs ?? alert.activeAtMs),
    endsAt: alert.resolvedAtMs === undefined ? NEVER : formatTime(alert.resolvedAtMs),
    generatorURL: `${externalUrl}/graph?g0.expr=${query}&g0.tab=1`,
    fingerprint: fingerprint(alert.labels),
  };
}

/** What all have, with the same value. */
function common(records: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...others] = records;
  const shared = Object.entries(first).filter(([name, value]) =>
    others.every((other) => other[name] === value),
  );
  return sorted(Object.fromEntries(shared));
}

function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compareText(a, b)));
}

/** RFC 3339 without needless zeros. */
function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.?0*Z$/, "Z");
}

/** Go's encoder writes these as escapes; signatures over the bytes rely on it. */
function escapeAsGo(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
