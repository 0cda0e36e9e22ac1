import { writeSync } from "node:fs";
import { labelsOf } from "@hms-ops/model";
import { BatchWriter } from "@hms-ops/model/testing";
import { rowsOfBatch, SERIES_PER_KILL_BATCH } from "./kill.test.tools.ts";
import { openTestTsdb } from "./open-store.test.tools.ts";

/** Appends until it is killed; says the number of each batch once that is acknowledged. */
const [folder = "", first = "0"] = process.argv.slice(2);
const store = await openTestTsdb(folder, { limits: { segmentBytes: 100_000 } });
const inFlight: Promise<void>[] = [];
for (let number = Number(first); ; number++) {
  const batch = new BatchWriter(store);
  for (let series = 0; series < SERIES_PER_KILL_BATCH; series++) {
    batch.add(labelsOf({ __name__: "kept", series: String(series) }), rowsOfBatch(number, series));
  }
  const ack = store.append(batch.builder.build()).then(() => {
    writeSync(1, `${number}\n`);
  });
  inFlight.push(ack);
  if (inFlight.length === 4) await inFlight.shift();
}
