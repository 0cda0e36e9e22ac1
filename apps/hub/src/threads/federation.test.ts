import {
  type QueryBudget,
  type SeriesBatch,
  type Snapshot,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { expect, it } from "vitest";
import { HUB_ERRORS } from "../errors.ts";
import { ANSWER_PIECE_BYTES } from "../limits.ts";
import { type FederationCall, QUERY_CANCELED } from "./calls.ts";
import { federatedPieces } from "./federation.ts";
import { queryBudget } from "./reader-budget.ts";

const SERIES = 50_000;
const BATCH = 1_000;
const NOW_MS = 1_000_000;

/** As many series, of two metrics, the last first. */
function reader(onBatch: (first: number) => void = () => {}) {
  const series = Array.from({ length: SERIES }, (_, i) => {
    const id = SERIES - i;
    return ["__name__", id % 2 ? "odd" : "even", "id", `user-${id}`, "job", "a".repeat(20)];
  });
  async function* read(): AsyncGenerator<SeriesBatch> {
    for (let first = 0; first < SERIES; first += BATCH) {
      onBatch(first);
      yield {
        first,
        count: BATCH,
        offsets: Uint32Array.from({ length: BATCH + 1 }, (_, i) => i),
        timesMs: new Float64Array(BATCH).fill(NOW_MS - 1),
        values: new Float64Array(BATCH).fill(1),
        stale: new Uint8Array(BATCH),
      };
    }
  }
  const snapshot: Snapshot = { series, read, close: () => {} };
  return { snapshot: async () => snapshot };
}

function call(): Omit<FederationCall, "flag"> {
  const externalLabels = { site: "vienna" };
  return {
    matches: ["odd", "even"],
    nowMs: NOW_MS,
    lookbackMs: 300_000,
    externalLabels,
    escaping: "underscores",
  };
}

it("a federation of many series comes in pieces, each series once, in order", async () => {
  const pieces = await federatedPieces(reader(), call(), UNLIMITED_BUDGET);
  const sizes: number[] = [];
  let text = "";
  for (let next = pieces.next(); next.value; next = pieces.next()) {
    sizes.push(next.value.length);
    text += new TextDecoder().decode(next.value);
  }
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(ANSWER_PIECE_BYTES);
  expect(Math.max(...sizes)).toBeLessThan(ANSWER_PIECE_BYTES + 1_000);
  const lines = text.trimEnd().split("\n");
  expect(lines).toHaveLength(SERIES + 2);
  expect(lines[0]).toBe("# TYPE even untyped");
  expect(lines[SERIES / 2 + 1]).toBe("# TYPE odd untyped");
  expect(lines[1]).toBe(
    `even{id="user-10",job="${"a".repeat(20)}",instance="",site="vienna"} 1 ${NOW_MS - 1}`,
  );
});

it("a federation ends when it is cancelled, and when it takes too much", async () => {
  const flag = new SharedArrayBuffer(4);
  const cancelling = reader((first) => {
    if (first === 5 * BATCH) Atomics.store(new Int32Array(flag), 0, QUERY_CANCELED);
  });
  await expect(federatedPieces(cancelling, call(), queryBudget(flag))).rejects.toMatchObject({
    code: HUB_ERRORS.queryCanceled.code,
  });
  let bytesLeft = SERIES * 100;
  const small: QueryBudget = {
    spend: (_, bytes) => {
      bytesLeft -= bytes;
      if (bytesLeft < 0) throw new Error("too much");
    },
  };
  await expect(federatedPieces(reader(), call(), small)).rejects.toThrow("too much");
});
