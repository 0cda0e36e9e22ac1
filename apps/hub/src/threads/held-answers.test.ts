import { expect, it } from "vitest";
import { ANSWER_PIECE_BYTES } from "../limits.ts";
import { HeldAnswers } from "./held-answers.ts";

type Pieces = Iterator<Uint8Array<ArrayBuffer>, void>;

function* piecesOf(...sizes: readonly number[]): Pieces & Iterable<Uint8Array<ArrayBuffer>> {
  for (const size of sizes) {
    if (size < 0) throw new Error("the answer broke off");
    yield new Uint8Array(size);
  }
}

it("an answer of several pieces is held until it is closed", () => {
  const held = new HeldAnswers();
  let ended = 0;
  const { piece, restId } = held.open(piecesOf(ANSWER_PIECE_BYTES, 5), () => ended++);
  expect([piece.length, ended]).toEqual([ANSWER_PIECE_BYTES, 0]);
  expect(held.next(restId)?.length).toBe(5);
  expect(held.next(restId)).toBeUndefined();
  held.close(restId);
  expect(ended).toBe(1);
  expect(() => held.next(restId)).toThrow("canceled");
});

it("an answer of one piece, or of none because it failed, is not held", () => {
  const held = new HeldAnswers();
  let ended = 0;
  expect(held.open(piecesOf(3), () => ended++)).toMatchObject({ restId: 0 });
  expect(() => held.open(piecesOf(-1), () => ended++)).toThrow("broke off");
  expect(ended).toBe(2);
});
