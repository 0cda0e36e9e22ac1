import type { Channel } from "./channel.ts";
import { sms } from "./sms.ts";
import { terminal } from "./terminal.ts";
import { email, mcp, pagerduty, slack, teams } from "./unsent.ts";
import { webhook } from "./webhook.ts";

/** Every way to reach somebody, by the word before the colon. */
export const CHANNELS: ReadonlyMap<string, Channel> = new Map(
  [webhook, sms, terminal, slack, teams, email, pagerduty, mcp].map((channel) => [
    channel.name,
    channel,
  ]),
);
