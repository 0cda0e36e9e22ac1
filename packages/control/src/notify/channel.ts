import type { Alert } from "../alerting/alert.ts";
import type { NotifyTarget, RuleCondition, RuleDialect } from "../rules/rule.ts";

/** What is to be told: the alerts of one rule at one time, the same for all its receivers. */
export interface Notification {
  readonly alertName: string;
  readonly status: "firing" | "resolved";
  /** Firing before resolved, each in the order of their labels. */
  readonly alerts: readonly Alert[];
  /** Alerts left out because there were too many. */
  readonly truncatedCount: number;
  readonly groupKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly expr: string;
  readonly condition?: RuleCondition;
  /** Of the rule; absent in what an earlier version kept for later delivery. */
  readonly dialect?: RuleDialect;
  /** The same on all alerts of the rule, so that they tell none from another; absent as above. */
  readonly ruleLabels?: Readonly<Record<string, string>>;
  readonly atMs: number;
  /** Whether the receivers heard of this group before. */
  readonly isFirst: boolean;
}

/** An HTTP request for outbound to send as it is. */
export interface OutboundRequest {
  readonly method: "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly retryAfter: string;
  readonly body: string;
}

export interface Receipt {
  readonly delivery: "sent" | "failed";
  /** Worth another try. */
  readonly retry: boolean;
  readonly note: string;
}

export type Address =
  | { readonly address: string }
  | { readonly reason: string; readonly suggestion: string };

/** One way to reach somebody. Decides and words; sending is the hub's outbound. */
export interface Channel {
  readonly name: string;
  /**
   * How far it goes in this version: over the `network` by `request` and `receipt`, to the hub's
   * own `terminal`, or to `nobody`. The latter two are kept as not sent, with `unsentNote`.
   */
  readonly reaches: "network" | "terminal" | "nobody";
  readonly unsentNote: string;
  /** The address in its one proper form, or why it can't work. */
  readAddress(text: string): Address;
  /** The address without its secrets. */
  redact(address: string): string;
  /** The text as a person reads it. */
  text(notification: Notification): string;
  /** The request to send; absent where it does not reach the network. */
  request?(notification: Notification, target: NotifyTarget, context: SendContext): OutboundRequest;
  /** Whether the answer means that it arrived. */
  receipt?(answer: OutboundAnswer): Receipt;
}

export interface SendContext {
  /** Where the hub's page is: `http://localhost:9090`. */
  readonly externalUrl: string;
}
