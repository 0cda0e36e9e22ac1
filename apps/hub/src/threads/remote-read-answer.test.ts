import { OpsError } from "@hms-ops/model";
import { expect, test } from "vitest";
import { HUB_ERRORS } from "../errors.ts";
import { type HoldThread, openRemoteRead } from "./remote-read-answer.ts";

const BODY = new Uint8Array(1);

/** A thread with so many pieces, which notes what it was asked. */
function fakeThread(pieces: number, fail?: "openRead" | "readPiece") {
  const asked: string[] = [];
  let left = pieces;
  const call = async (method: string) => {
    asked.push(method);
    if (method === fail) throw new OpsError(HUB_ERRORS.tooManySamples);
    if (method === "openRead") return { id: 1, kind: "chunks" };
    return method === "readPiece" && left-- > 0 ? Uint8Array.of(left) : undefined;
  };
  let isHeld = false;
  const stopped = Promise.withResolvers<void>();
  const hold: HoldThread = async (work) => {
    isHeld = true;
    const done = work({ call } as never, new SharedArrayBuffer(4)).finally(() => {
      isHeld = false;
    });
    await Promise.race([done, stopped.promise]);
  };
  return { asked, hold, isHeld: () => isHeld, stop: (error: Error) => stopped.reject(error) };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("pieces are asked for one by one; the thread is free after the last", async () => {
  const thread = fakeThread(2);
  const { kind, pieces } = await openRemoteRead(BODY, thread.hold);
  expect(kind).toBe("chunks");
  expect((await pieces.next()).value).toEqual(Uint8Array.of(1));
  await settled();
  expect(thread.asked).toEqual(["openRead", "readPiece"]);
  expect(thread.isHeld()).toBe(true);
  expect((await pieces.next()).value).toEqual(Uint8Array.of(0));
  expect((await pieces.next()).done).toBe(true);
  await settled();
  expect(thread.asked.at(-1)).toBe("closeRead");
  expect(thread.isHeld()).toBe(false);
});

test("a caller who wants no more sets the thread free", async () => {
  const thread = fakeThread(100);
  const { pieces } = await openRemoteRead(BODY, thread.hold);
  await pieces.next();
  await pieces.return();
  await settled();
  expect(thread.asked).toEqual(["openRead", "readPiece", "closeRead"]);
  expect(thread.isHeld()).toBe(false);
});

test("a deadline between two pieces sets the thread free and fails the next one", async () => {
  const thread = fakeThread(100);
  const { pieces } = await openRemoteRead(BODY, thread.hold);
  await pieces.next();
  thread.stop(new OpsError(HUB_ERRORS.queryTimedOut));
  await settled();
  expect(thread.isHeld()).toBe(false);
  await expect(pieces.next()).rejects.toMatchObject({ code: HUB_ERRORS.queryTimedOut.code });
});

test("what cannot be read is told, and nothing stays held", async () => {
  const refused = fakeThread(1, "openRead");
  await expect(openRemoteRead(BODY, refused.hold)).rejects.toThrow(OpsError);
  expect(refused.isHeld()).toBe(false);
  const broken = fakeThread(1, "readPiece");
  const { pieces } = await openRemoteRead(BODY, broken.hold);
  await expect(pieces.next()).rejects.toThrow(OpsError);
  await settled();
  expect(broken.asked.at(-1)).toBe("closeRead");
  expect(broken.isHeld()).toBe(false);
});
