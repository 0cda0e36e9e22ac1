import type { MessagePort } from "node:worker_threads";
import { OpsError } from "@hms-ops/model";
import { openReader, type PinLink, type PinReply, type TsdbReader } from "@hms-ops/stores/tsdb";
import { HUB_ERRORS } from "../errors.ts";
import type { LinkCalls } from "./calls.ts";
import { Caller } from "./rpc.ts";

/** A reader, and the port over which the writer serves it. */
export interface JoinedReader {
  readonly reader: TsdbReader;
  /** Closes both; what is under way fails. */
  leave(): void;
}

export interface JoinOptions {
  /** As `openReader` has it. */
  readonly cacheBytes?: number;
  /** What comes of a pin that is asked for; absent: it is waited for. */
  readonly wait?: (pin: Promise<PinReply>, unpin: PinLink["unpin"]) => Promise<PinReply>;
}

/** Opens the store that the writer at the other end of a port keeps. */
export async function joinWriter(
  link: MessagePort,
  { cacheBytes, wait = (pin) => pin }: JoinOptions = {},
): Promise<JoinedReader> {
  const writer = new Caller<LinkCalls>(link);
  link.on("close", () => {
    const inputs = { thread: "writer", reason: "its port was closed" };
    writer.end(new OpsError(HUB_ERRORS.threadEnded, inputs));
  });
  const unpin = (pinId: number) => {
    // The writer drops the pins of a reader by itself when either of them is gone.
    writer.call("unpin", [pinId]).catch(() => {});
  };
  const pins: PinLink = {
    pin: (request) => wait(writer.call("pin", [request]), unpin),
    unpin,
  };
  // A block that was told stays out of this reader's answers whatever becomes of the call.
  const onDamage = (name: string, problem: string) => {
    writer.call("setAside", [name, problem]).catch(() => {});
  };
  const reader = openReader(await writer.call("handles", []), pins, {
    onDamage,
    ...(cacheBytes !== undefined && { cacheBytes }),
  });
  const leave = () => {
    reader.close();
    link.close();
  };
  return { reader, leave };
}
