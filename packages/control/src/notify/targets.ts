import type { ErrorRow } from "@hms-ops/model";
import { CONTROL_ERRORS } from "../errors.ts";
import type { NotifyTarget } from "../rules/rule.ts";
import { CHANNELS } from "./table.ts";

/** Names that stand for addresses, and the values of `$NAME`. */
export interface Directory {
  /** `contacts:` of hms-ops.yaml: `oncall` -> `sms:+15551234`. */
  readonly contacts: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface TargetProblem {
  readonly severity: "error" | "warning";
  readonly row: ErrorRow;
  readonly inputs: Readonly<Record<string, string>>;
}

export interface ReadTarget {
  readonly target: NotifyTarget | undefined;
  readonly problems: readonly TargetProblem[];
}

const MOST_CONTACT_HOPS = 4;

/**
 * Reads `sms:+15551234`, `webhook:https://…`, `https://…`, `slack:#oncall`, `@handle`, a contact's
 * name. A target that cannot work is an error now, not when it is needed.
 */
export function readTarget(text: string, directory: Directory): ReadTarget {
  return readHop(text.trim(), directory, MOST_CONTACT_HOPS);
}

function readHop(text: string, directory: Directory, hops: number): ReadTarget {
  const [channel, written] = splitTarget(text);
  const contact = ownValue(directory.contacts, channel === "" ? text : written);
  if (contact !== undefined && hops > 0 && contact !== text) {
    const full = channel === "" || contact.includes(":") ? contact : `${channel}:${contact}`;
    return readHop(full, directory, hops - 1);
  }
  if (channel === "") {
    const names = Object.keys(directory.contacts);
    const known = names.length > 0 ? `Contacts: ${names.join(", ")}.` : "There are no contacts.";
    const suggestion = `Write channel:address, like sms:+15551234. ${known}`;
    return refuse(text, "it names no channel and no contact", suggestion);
  }
  const address = resolveVariable(written, directory.environment);
  if (address === undefined) {
    const suggestion = "Set it before the hub starts, or write the address itself.";
    return refuse(text, `the environment variable ${written} is not set`, suggestion);
  }
  return check(channel, address, written);
}

function check(channelName: string, address: string, written: string): ReadTarget {
  const channel = CHANNELS.get(channelName);
  const shown = `${channelName}:${channel?.redact(address) ?? address}`;
  if (!channel) {
    const names = [...CHANNELS.keys()].join(", ");
    return refuse(shown, `there is no channel ${channelName}`, `Channels: ${names}.`);
  }
  const checked = channel.readAddress(address);
  if ("reason" in checked) return refuse(shown, checked.reason, checked.suggestion);
  const problems: TargetProblem[] = [];
  if (channel.reaches === "nobody") {
    const inputs = { channel: channelName, target: shown };
    problems.push({ severity: "warning", row: CONTROL_ERRORS.channelMissing, inputs });
  }
  const isSecret = address === written && channel.redact(address) !== address;
  if (isSecret) {
    const inputs = { channel: channelName, target: shown };
    problems.push({ severity: "warning", row: CONTROL_ERRORS.secretInRule, inputs });
  }
  return { target: { channel: channelName, address: checked.address }, problems };
}

/** Channel and address; the channel is empty where none is named. */
function splitTarget(text: string): readonly [string, string] {
  if (/^https?:\/\//i.test(text)) return ["webhook", text];
  if (/^[@#]/.test(text)) return ["slack", text];
  const match = /^([a-z]+):(.*)$/is.exec(text);
  if (!match) return ["", text];
  const channel = (match[1] ?? "").toLowerCase();
  return [channel === "mailto" ? "email" : channel, (match[2] ?? "").trim()];
}

function resolveVariable(text: string, environment: Directory["environment"]): string | undefined {
  const name = /^\$\{?(\w+)\}?$/.exec(text)?.[1];
  return name === undefined ? text : environment[name] || undefined;
}

function ownValue(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function refuse(target: string, reason: string, suggestion: string): ReadTarget {
  const inputs = { target, reason, suggestion };
  return {
    target: undefined,
    problems: [{ severity: "error", row: CONTROL_ERRORS.badTarget, inputs }],
  };
}
