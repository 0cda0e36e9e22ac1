import type { Channel } from "./channel.ts";
import { redactUrl } from "./redact.ts";
import { smsText } from "./sms.ts";

/** A channel that rules may name already; what it would send is kept and shown as not sent. */
function unsent(name: string, wanted: RegExp, example: string): Channel {
  return {
    name,
    reaches: "nobody",
    unsentNote: `not sent: no ${name} channel in this version`,
    readAddress(text) {
      if (wanted.test(text)) return { address: text };
      return { reason: `it is no ${name} address`, suggestion: `Write it like ${example}.` };
    },
    redact: redactUrl,
    text: smsText,
  };
}

export const slack = unsent("slack", /\S/, "slack:#oncall or slack:@handle");
export const teams = unsent("teams", /\S/, "teams:$TEAMS_URL");
export const email = unsent("email", /^[^@\s]+@[^@\s]+$/, "email:oncall@agency.gov");
export const pagerduty = unsent("pagerduty", /\S/, "pagerduty:$PAGERDUTY_KEY");
export const mcp = unsent("mcp", /^https?:\/\/\S+/, "mcp:https://host/mcp#tool");
