import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "../figure.ts";
import { type EncodedStream, encodeStream } from "./encode-stream.ts";
import {
  type IngestFigures,
  type LossFigures,
  measureIngest,
  measureLoss,
} from "./ingest-stage.ts";
import { readOptions, type TsdbBenchOptions } from "./options.ts";
import { makeQueries } from "./query-set.ts";
import { measureQueries, type QueryFigures } from "./query-stage.ts";
import {
  ingestTable,
  judgeAll,
  lossTable,
  queryTable,
  verdictTable,
  wrongAnswers,
} from "./report.ts";
import { makeStreams, STEP_MS, type Stream } from "./streams.ts";
import {
  HmsOpsSystem,
  missingPeers,
  PrometheusSystem,
  type System,
  VictoriaMetricsSystem,
} from "./systems.ts";
import { sleep } from "./waiting.ts";

const LOSS_SAMPLES_PER_SECOND = 100_000;
const CACHED_RUNS = 5;

/** `npm run bench -- tsdb`: ours beside Prometheus and VictoriaMetrics, same bytes, one run. */
export async function benchTsdb(words: readonly string[]): Promise<Outcome> {
  const options = readOptions(words);
  const missing = missingPeers();
  if (missing && !options.withoutPeers) throw new Error(`the peers are missing: ${missing}`);
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-bench-"));
  const bench = new TsdbBench(folder, options);
  try {
    return await bench.run();
  } finally {
    await bench.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

class TsdbBench {
  readonly #folder: string;
  readonly #options: TsdbBenchOptions;
  readonly #ingest: IngestFigures[] = [];
  readonly #loss: LossFigures[] = [];
  readonly #started: System[] = [];
  #queries: readonly QueryFigures[] = [];
  #cachedQueries: readonly QueryFigures[] = [];
  #querySeed = 0;

  constructor(folder: string, options: TsdbBenchOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  async run(): Promise<Outcome> {
    const { scale, only, withoutQueries } = this.#options;
    const streams = makeStreams(scale).filter(
      ({ name }) => only.length === 0 || only.some((word) => name.startsWith(word)),
    );
    for (const [i, stream] of streams.entries()) {
      await this.#measureStream(stream, i === 0 && !withoutQueries);
    }
    await this.#measureLoss(scale);
    return this.#outcome();
  }

  async end(): Promise<void> {
    for (const system of this.#started) await system.end("SIGKILL");
  }

  #systems(label: string): readonly System[] {
    const { hub, withoutPeers } = this.#options;
    const place = (name: string) => join(this.#folder, label, name);
    const peers = withoutPeers
      ? []
      : [new PrometheusSystem(place("prometheus")), new VictoriaMetricsSystem(place("victoria"))];
    const systems = [new HmsOpsSystem(place("hms-ops"), hub), ...peers];
    this.#started.push(...systems);
    return systems;
  }

  async #encode(stream: Stream, label: string): Promise<EncodedStream> {
    const place = join(this.#folder, `${label}-bodies`);
    mkdirSync(place);
    const startMs = performance.now();
    const encoded = await encodeStream(stream, place, this.#options.seed);
    const tookS = ((performance.now() - startMs) / 1000).toFixed(1);
    log(`${stream.name}: ${encoded.samples} samples, ${encoded.bytes} bytes, made in ${tookS} s`);
    return encoded;
  }

  async #measureStream(stream: Stream, withQueries: boolean): Promise<void> {
    const label = stream.name.replaceAll(" ", "-");
    const encoded = await this.#encode(stream, label);
    const systems = this.#systems(label);
    for (const system of systems) {
      try {
        this.#ingest.push(await measureIngest(system, encoded));
        log(ingestTable(this.#ingest.slice(-1)));
      } catch (error) {
        log(`${stream.name}: ${system.name} could not be measured: ${error}\n${system.output}`);
      }
      await system.end("SIGTERM");
    }
    if (withQueries) await this.#measureQueries(systems, encoded);
    for (const system of systems) await system.remove();
    rmSync(join(this.#folder, `${label}-bodies`), { recursive: true });
  }

  async #measureQueries(systems: readonly System[], encoded: EncodedStream): Promise<void> {
    for (const system of systems) await system.start();
    await sleep(2_000);
    // From a fresh seed, so that no query is the one that was tuned for.
    this.#querySeed = Date.now() % 1_000_000;
    const queries = makeQueries(this.#querySeed, encoded.stream.instances);
    const options = { seed: this.#querySeed };
    const { runs } = this.#options;
    this.#queries = await measureQueries(systems, queries, encoded, runs, options);
    log(queryTable(this.#queries));
    const cached = systems.filter(({ uncached }) => uncached !== "");
    const ranges = queries.filter(({ shape }) => shape !== "instant");
    this.#cachedQueries = await measureQueries(cached, ranges, encoded, CACHED_RUNS, {
      ...options,
      cached: true,
    });
  }

  async #measureLoss(scale: number): Promise<void> {
    const stream: Stream = {
      name: "loss",
      instances: Math.max(4, Math.round(100 * scale)),
      stepMs: STEP_MS,
      steps: 120,
      replaceEvery: 0,
    };
    const encoded = await this.#encode(stream, "loss");
    for (const system of this.#systems("loss")) {
      try {
        this.#loss.push(await measureLoss(system, encoded, LOSS_SAMPLES_PER_SECOND * scale));
      } catch (error) {
        log(`loss: ${system.name} could not be measured: ${error}\n${system.output}`);
      }
      await system.remove();
    }
  }

  #outcome(): Outcome {
    const figures = {
      ingest: this.#ingest,
      loss: this.#loss,
      queries: this.#queries,
      cachedQueries: this.#cachedQueries,
    };
    const verdicts = judgeAll(figures);
    const { seed } = this.#options;
    const busiest = this.#ingest.map(
      ({ stream, system, busiest: threads }) => `${stream} ${system}: ${threads.join(", ")}`,
    );
    const text = [
      `seed ${seed}, of the queries ${this.#querySeed}`,
      ingestTable(this.#ingest),
      "B/sample: after compaction, without log; settled: with the work of the next 10 s;",
      "complete: kill -9 to the first count of all series, 10 s after the last acknowledgement.",
      "Durable before the acknowledgement: HMS-OPS by fdatasync, Prometheus by write (no sync), VictoriaMetrics not.",
      lossTable(this.#loss),
      queryTable(this.#queries),
      "With VictoriaMetrics' response cache on:",
      queryTable(this.#cachedQueries),
      wrongAnswers(this.#queries).join("\n"),
      `Busiest threads while sending and 10 s after:\n${busiest.join("\n")}`,
      verdictTable(verdicts),
    ].join("\n\n");
    const versions = this.#started
      .slice(0, 3)
      .map((system) => `${system.name}: ${system.version()}`);
    return {
      figures: [],
      text,
      details: {
        seed,
        querySeed: this.#querySeed,

        versions,
        verdicts,
        ...figures,
      },
    };
  }
}

function log(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
