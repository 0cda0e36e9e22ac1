import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SampleBatchBuilder, UNKNOWN_SERIES } from "@hms-ops/model";
import { readRemoteWrite } from "@hms-ops/wire/remote-write";
import { uncompressSnappy } from "@hms-ops/wire/snappy";
import { afterAll, expect, test } from "vitest";
import { BodyFileReader } from "./body-file.ts";
import { encodeStream } from "./encode-stream.ts";

const folder = mkdtempSync(join(tmpdir(), "hms-ops-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

const STREAM = { name: "tiny", instances: 5, stepMs: 15_000, steps: 8, replaceEvery: 3 };
/** A body of 20 instances, uncompressed, is far below. */
const MOST_BYTES = 4_000_000;

test("a stream's bodies hold the samples that it tells of, stale markers in", async () => {
  const encoded = await encodeStream(STREAM, folder, 7);
  const series = new Set<string>();
  let samples = 0;
  let stale = 0;
  for (const path of encoded.paths) {
    const file = new BodyFileReader(path);
    for (let body = file.next(); body !== undefined; body = file.next()) {
      const builder = new SampleBatchBuilder("bench");
      const resolver = { find: () => UNKNOWN_SERIES };
      const bytes = uncompressSnappy(body.bytes, MOST_BYTES);
      const report = readRemoteWrite(bytes, { builder, resolver });
      expect(report).toMatchObject({ samples: body.samples, skippedSeries: 0 });
      const batch = builder.build();
      samples += report.samples;
      for (const { labels } of batch.newSeries) series.add(labels.join("\u0000"));
      for (let i = 0; i < batch.timesMs.length; i++) {
        const timeMs = batch.timesMs[i] ?? 0;
        expect(timeMs).toBeGreaterThan(encoded.startMs);
        expect(timeMs).toBeLessThan(encoded.endMs);
        if (batch.stale?.[i]) stale++;
      }
    }
    file.close();
  }
  expect({ samples, series: series.size }).toEqual({
    samples: encoded.samples,
    series: encoded.liveSeries + 2 * 100,
  });
  expect(stale).toBe(2 * 100);
});
