import { describe, expect, it } from "vitest";
import { BoardPins, PinBoard } from "./pin-board.ts";

const nothing = () => {};

/** A board that offers publication 7, and one reader's side of it. */
function offered() {
  const board = new PinBoard();
  const pins = new BoardPins(board.memory, board.openPart(1));
  board.offer(7, true);
  return { board, pins };
}

describe("[PIN7] a reader pins by itself", () => {
  it("what is published, and the writer knows until it is released", () => {
    const { board, pins } = offered();
    const pin = pins.take(board.version, nothing);
    if (!pin) expect.fail("not pinned");
    board.hold();
    board.offer(9, false);
    expect(board.oldestEpoch(9, 0)).toBe(7);
    expect(pins.isHeld(pin)).toBe(true);
    pins.release(pin);
    expect(board.oldestEpoch(9, 0)).toBe(9);
    expect(pins.isHeld(pin)).toBe(false);
  });

  it("not before there is something, nor while the writer changes it, nor with news unheard", () => {
    const board = new PinBoard();
    const pins = new BoardPins(board.memory, board.openPart(1));
    expect(pins.take(board.version, nothing)).toBeUndefined();
    board.offer(1, true);
    const { version } = board;
    board.hold();
    expect(pins.take(version, nothing)).toBeUndefined();
    board.offer(2, true);
    expect(pins.take(version, nothing)).toBeUndefined();
    expect(pins.take(board.version, nothing)).toBeDefined();
    expect(board.oldestEpoch(2, 0)).toBe(2);
  });

  it("nothing that changed while it was copied", () => {
    const { board, pins } = offered();
    expect(pins.take(board.version, () => board.hold())).toBeUndefined();
    board.offer(8, false);
    const both = () => {
      board.hold();
      board.offer(9, false);
    };
    expect(pins.take(board.version, both)).toBeUndefined();
    expect(board.oldestEpoch(9, 0)).toBe(9);
  });

  it("as often as it has slots, each by itself", () => {
    const { board, pins } = offered();
    const taken = Array.from({ length: 16 }, () => pins.take(board.version, nothing)!);
    expect(new Set(taken.map(({ slot }) => slot)).size).toBe(16);
    expect(pins.take(board.version, nothing)).toBeUndefined();
    pins.release(taken[5]!);
    expect(pins.take(board.version, nothing)).toEqual(taken[5]);
  });

  it("across the number at which epochs start again", () => {
    const board = new PinBoard();
    const pins = new BoardPins(board.memory, board.openPart(1));
    const last = 2 ** 30 - 1;
    board.offer(last, false);
    const pin = pins.take(board.version, nothing)!;
    board.offer(last + 5, false);
    expect(pins.take(board.version, nothing)).toBeDefined();
    expect(board.oldestEpoch(last + 5, 0)).toBe(last);
    pins.release(pin);
    expect(board.oldestEpoch(last + 5, 0)).toBe(last + 5);
  });
});

it("[PIN5] [PIN7] a pin that was met too long ago no longer holds, another in its slot does", () => {
  const { board, pins } = offered();
  const pin = pins.take(board.version, nothing)!;
  board.offer(8, false);
  expect(board.oldestEpoch(8, 1_000)).toBe(7);
  board.revokeBefore(999);
  expect(pins.isHeld(pin)).toBe(true);
  board.revokeBefore(1_000);
  expect(pins.isHeld(pin)).toBe(false);
  expect(board.revoked).toBe(1);
  expect(board.oldestEpoch(8, 2_000)).toBe(8);
  const next = pins.take(board.version, nothing)!;
  expect(next.slot).toBe(pin.slot);
  pins.release(pin);
  expect(pins.isHeld(next)).toBe(true);
});

it("[PIN5] [PIN7] a pin of what is offered may be as old as it likes, and the next one in its slot", () => {
  const { board, pins } = offered();
  pins.release(pins.take(board.version, nothing)!);
  const pin = pins.take(board.version, nothing)!;
  expect(board.oldestEpoch(7, 1_000)).toBe(7);
  pins.release(pin);
  const next = pins.take(board.version, nothing)!;
  expect(next).toEqual(pin);
  board.revokeBefore(1_000);
  expect(pins.isHeld(next)).toBe(true);
  board.hold();
  board.offer(8, false);
  expect(board.oldestEpoch(8, 5_000)).toBe(7);
  board.revokeBefore(4_999);
  expect(pins.isHeld(next)).toBe(true);
  board.revokeBefore(5_000);
  expect(pins.isHeld(next)).toBe(false);
});

it("[PIN6] [PIN7] the pins of a reader that is gone are dropped, and its slots are another's", () => {
  const { board, pins } = offered();
  const pin = pins.take(board.version, nothing)!;
  board.closePart(1);
  expect(pins.isHeld(pin)).toBe(false);
  expect(board.oldestEpoch(9, 0)).toBe(9);
  const parts = Array.from({ length: 257 }, (_, i) => board.openPart(2 + i));
  expect(new Set(parts).size).toBe(257);
  expect(parts.at(-1)).toBeUndefined();
  const asking = new BoardPins(board.memory, undefined);
  expect(asking.take(board.version, nothing)).toBeUndefined();
});
