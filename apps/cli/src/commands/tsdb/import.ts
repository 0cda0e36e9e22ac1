import { createReadStream, existsSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { OpsError } from "@hms-ops/model";
import {
  findPrometheusBlocks,
  type ImportReport,
  type ImportSink,
  importExposition,
  importJsonLines,
  importPrometheus,
  openStoreSink,
} from "@hms-ops/stores/tsdb/tools";
import { type Call, type Command, textOf } from "../../command.ts";
import { CLI_ERRORS } from "../../errors.ts";
import { EXIT, type ExitCode } from "../../exit-codes.ts";
import { formatJson } from "../../output.ts";
import { formatCount, formatImport } from "./amounts.ts";
import { findPlace, lockForWriting } from "./data-folder.ts";
import { refuse } from "./flags.ts";
import { hubSink } from "./hub-sink.ts";
import { toolContext } from "./tool-context.ts";

const NAME = "tsdb import";
const FORMATS = ["openmetrics", "text", "jsonl"] as const;
type TextFormat = (typeof FORMATS)[number];
const PROGRESS_EVERY_MS = 2_000;
const TAIL_BYTES = 64;
const HEAD_BYTES = 4_096;

export const importSamples: Command = {
  usage: "FROM",
  examples: [
    "hms-ops tsdb import /var/lib/prometheus/metrics2 --into hms-ops-data",
    "hms-ops tsdb import everything.jsonl",
    "zcat old.om.gz | hms-ops tsdb import - --format openmetrics --url http://127.0.0.1:9090",
  ],
  flags: {
    FROM: "a Prometheus data folder, one of its blocks, a file (also .gz), or - for standard input",
    "--into FOLDER": "the data folder of a hub that is stopped: fastest, samples of any age stay",
    "without --into":
      "into the running hub, by remote write; it refuses what its retention forbids",
    "--format NAME": "openmetrics (seconds), text (milliseconds) or jsonl, if it cannot be told",
    "": "Repeating an import changes nothing. Where a sample is already, the earlier one stays.",
  },
  options: { into: { type: "string" }, format: { type: "string" } },
  words: [1, 1],
  run: async (call) => {
    const [from = ""] = call.words;
    const read = await chooseReader(call, from);
    const report = await deliver(call, read);
    const { terminal, values } = call;
    const rejections = Object.fromEntries(report.rejections);
    const { accepted, skipped, problems } = report;
    if (values.output === "json") {
      terminal.data(formatJson({ accepted, skipped, problems, rejections }));
    } else terminal.data(formatImport(report));
    const isUnreadable = isNothingRead(report) && !isFolder(from);
    if (isUnreadable) {
      terminal.say(
        `Nothing of ${from} could be read as a sample with a time: is it metric text or JSON lines?\n`,
      );
    }
    return isUnreadable ? EXIT.findings : exitCode(report);
  },
};

function isFolder(from: string): boolean {
  return from !== "-" && statSync(from).isDirectory();
}

type Progress = (report: ImportReport, place: string) => void;
type Reader = (sink: ImportSink, progress: Progress) => Promise<ImportReport>;

async function chooseReader({ values, terminal }: Call, from: string): Promise<Reader> {
  const given = readFormat(textOf(values.format));
  if (from !== "-" && !existsSync(from)) {
    throw new OpsError(CLI_ERRORS.unreadableFile, { file: from, reason: "it is not there" });
  }
  if (isFolder(from)) {
    const source = await findPrometheusBlocks(from);
    if (!source) refuse(NAME, `${from} is no Prometheus data folder and none of its blocks`);
    if (source.hasWal) {
      terminal.say(
        "The newest hours of a Prometheus are not in blocks yet: POST /api/v1/admin/tsdb/snapshot to it (--web.enable-admin-api) and import that snapshot to have them.\n",
      );
    }
    return (sink, progress) => importPrometheus(source, sink, progress);
  }
  const format = given ?? (await guessFormat(from));
  return (sink, progress) =>
    format === "jsonl"
      ? importJsonLines(openText(from), sink, progress)
      : importExposition(openText(from), format, sink, progress);
}

function readFormat(text: string | undefined): TextFormat | undefined {
  if (text === undefined) return undefined;
  const format = FORMATS.find((name) => name === text);
  return format ?? refuse(NAME, `--format ${text} is not known: ${FORMATS.join(", ")}`);
}

/** JSON begins with a brace that names a metric; OpenMetrics ends with `# EOF`. */
async function guessFormat(from: string): Promise<TextFormat> {
  if (from === "-" || from.endsWith(".gz")) {
    return refuse(NAME, `say what ${from} is with --format ${FORMATS.join("|")}`);
  }
  const file = await open(from);
  try {
    const { size } = await file.stat();
    const read = async (at: number, length: number) =>
      (await file.read(Buffer.alloc(length), 0, length, at)).buffer.toString("utf8");
    if (/^\s*\{\s*"(metric|values|timestamps)"/.test(await read(0, HEAD_BYTES))) return "jsonl";
    const tail = (await read(Math.max(0, size - TAIL_BYTES), TAIL_BYTES)).replaceAll("\0", "");
    return /(^|\n)# EOF\s*$/.test(tail) ? "openmetrics" : "text";
  } finally {
    await file.close();
  }
}

function openText(from: string): AsyncIterable<Uint8Array> {
  if (from === "-") return process.stdin;
  const file = createReadStream(from, { highWaterMark: 1_048_576 });
  return from.endsWith(".gz") ? unpack(from, file) : file;
}

async function* unpack(from: string, file: Readable): AsyncGenerator<Uint8Array> {
  const unpacked = createGunzip();
  // What fails in either comes out where the bytes are read.
  pipeline(file, unpacked, () => {});
  try {
    yield* unpacked;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpsError(CLI_ERRORS.unreadableFile, { file: from, reason });
  }
}

async function deliver(call: Call, read: Reader): Promise<ImportReport> {
  const progress = progressOf(call);
  const into = textOf(call.values.into);
  if (into === undefined) return read(hubSink(call.hub()), progress);
  const place = await findPlace(into);
  const lock = await lockForWriting(place);
  try {
    const sink = await openStoreSink(place.storeFolder, toolContext());
    try {
      return await read(sink.append, progress);
    } finally {
      await sink.close();
    }
  } finally {
    lock.release();
  }
}

function progressOf({ terminal }: Call): Progress {
  let saidMs = Date.now();
  return ({ accepted }, place) => {
    if (Date.now() - saidMs < PROGRESS_EVERY_MS) return;
    saidMs = Date.now();
    terminal.say(`${place}: ${formatCount(accepted)} samples\n`);
  };
}

function isNothingRead({ accepted, skipped, rejections }: ImportReport): boolean {
  return accepted === 0 && skipped > 0 && rejections.size === 0;
}

function exitCode({ accepted, skipped, rejections }: ImportReport): ExitCode {
  if (skipped === 0 && rejections.size === 0) return EXIT.ok;
  return accepted > 0 ? EXIT.findings : EXIT.failure;
}
