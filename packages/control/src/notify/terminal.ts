import type { Channel } from "./channel.ts";
import { smsText } from "./sms.ts";

/** The hub's own terminal: where an alert goes that would otherwise reach nobody. */
export const terminal: Channel = {
  name: "terminal",
  reaches: "terminal",
  unsentNote: "not sent: no receiver is configured (HMS_OPS_WEBHOOK=URL, or notify: in the rule)",
  readAddress: (text) => ({ address: text || "hub" }),
  redact: (address) => address,
  text: smsText,
};
