import { MAX_SMS_CHARS } from "../limits.ts";
import type { Channel, Notification } from "./channel.ts";
import { conditionText } from "./wording.ts";

/** Text messages. Until a gateway can be set up, the hub's terminal is the phone. */
export const sms: Channel = {
  name: "sms",
  reaches: "terminal",
  unsentNote: "not sent: no SMS gateway",
  readAddress(text) {
    const number = text.replace(/[\s().-]/g, "");
    if (/^\+?\d{5,15}$/.test(number)) return { address: number };
    const suggestion = "Write a number with its country code, like +15551234.";
    return { reason: "it is no number that can be dialled", suggestion };
  },
  redact: (address) => address,
  text: smsText,
};

/** `[HMS-OPS] ALERT – payment_latency_ms 2.9 s (>2 s)` */
export function smsText(notification: Notification): string {
  const word = notification.status === "firing" ? "ALERT" : "RESOLVED";
  return `[HMS-OPS] ${word} – ${conditionText(notification)}`.slice(0, MAX_SMS_CHARS);
}

/** The line that the terminal shows in the phone's place. */
export function phoneLine(text: string): string {
  return `📱 SMS: ${text}`;
}
