import { formatClock } from "@hms-ops/panels";
import type { SentNotification } from "../../hub-types.ts";

/** `sms to +1 202 555 0100 at 14:06`: the first who was told since; empty = nobody. */
export function toldWords(
  notifications: readonly SentNotification[],
  alertName: string,
  sinceMs: number,
  zone: string,
): string {
  const told = notifications
    .filter((one) => one.alertName === alertName && one.status === "firing" && one.atMs >= sinceMs)
    .toSorted((a, b) => a.atMs - b.atMs);
  const sent = told.find((one) => one.delivery === "sent");
  if (sent) return `${channelWord(sent.channel)} to ${sent.to} at ${formatClock(sent.atMs, zone)}`;
  const first = told[0];
  return first ? `nobody: ${first.note || first.delivery}` : "";
}

/** `SMS to Maya Okafor · delivered`, as the line under a notification. */
export function deliveryWords(notification: SentNotification): string {
  const to = `${channelWord(notification.channel)} to ${notification.to}`;
  return [to, notification.note || notification.delivery.replace("-", " ")].join(" · ");
}

function channelWord(channel: string): string {
  return channel === "sms" ? "SMS" : channel.charAt(0).toUpperCase() + channel.slice(1);
}
