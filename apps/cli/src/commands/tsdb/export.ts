import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { OpsError } from "@hms-ops/model";
import { type ExportFormat, exportStore } from "@hms-ops/stores/tsdb/tools";
import { type Call, type Command, textOf } from "../../command.ts";
import { CLI_ERRORS } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { formatCount } from "./amounts.ts";
import { withStore } from "./data-folder.ts";
import { ELSE_FOUND, findStore } from "./find-store.ts";
import { readFolder, readMatches, readRange, refuse } from "./flags.ts";
import { toolContext } from "./tool-context.ts";

const NAME = "tsdb export";

export const exportSamples: Command = {
  usage: "[FOLDER]",
  examples: [
    "hms-ops tsdb export --out everything.jsonl",
    "hms-ops tsdb export --match 'up' --match '{job=\"ach\"}' --from 2026-11-20T00:00:00Z",
    "hms-ops tsdb export /backup/ops --format openmetrics | gzip > everything.om.gz",
  ],
  flags: {
    FOLDER: `a data folder or a backup; ${ELSE_FOUND}. Beside a running hub a snapshot is read`,
    "--data-dir FOLDER": "the same, as other commands have it",
    "--format jsonl": "JSON lines: all of it, native histograms and staleness included (else:)",
    "--format openmetrics":
      "text with times; native histograms, staleness markers are left out, counted",
    "--match SELECTOR": "only these series; may stand several times",
    "--from TIME, --to TIME": "only this range (RFC 3339 or seconds), both ends within",
    "--out FILE": "else to standard output",
  },
  options: {
    "data-dir": { type: "string" },
    format: { type: "string" },
    match: { type: "string", multiple: true },
    from: { type: "string" },
    to: { type: "string" },
    out: { type: "string" },
  },
  words: [0, 1],
  run: async (call) => {
    const { words, values, terminal } = call;
    const format = readFormat(textOf(values.format) ?? "jsonl");
    const matcherSets = readMatches(NAME, values);
    const range = readRange(NAME, values);
    const place = await findStore(call, readFolder(NAME, words, values));
    const out = openOutput(call);
    const report = await withStore(call, place, ({ storeFolder }) =>
      exportStore(storeFolder, toolContext(), { format, matcherSets, range }, out.write),
    );
    await out.end();
    const { series, samples, leftOutHistograms, leftOutMarkers, damagedBlocks } = report;
    terminal.say(`${formatCount(samples)} samples of ${formatCount(series)} series\n`);
    if (leftOutHistograms + leftOutMarkers > 0) {
      const left = `${formatCount(leftOutHistograms)} native histograms and ${formatCount(leftOutMarkers)} staleness markers`;
      terminal.say(`${left} are left out: --format jsonl holds them\n`);
    }
    for (const [name, problem] of damagedBlocks) {
      terminal.say(`${name} is damaged and its samples are missing: ${problem}\n`);
    }
    return damagedBlocks.size > 0 ? EXIT.findings : EXIT.ok;
  },
};

function readFormat(text: string): ExportFormat {
  if (text === "jsonl" || text === "openmetrics") return text;
  return refuse(NAME, `--format ${text} is not known: jsonl or openmetrics`);
}

interface Output {
  write(text: string): Promise<void>;
  end(): Promise<void>;
}

/** Waits for whoever reads, so that an export of any size fits in memory. */
function openOutput({ values, terminal }: Call): Output {
  const file = textOf(values.out);
  if (file === undefined) {
    return {
      write: async (text) => {
        terminal.data(text);
        await terminal.drained?.();
      },
      end: async () => {},
    };
  }
  // Opened by its first use: a store that is not there must not empty an older export.
  let opened: ReturnType<typeof openFile> | undefined;
  const told = (error: unknown): never => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpsError(CLI_ERRORS.unwritableFile, { file, reason });
  };
  return {
    write: (text) => {
      opened ??= openFile(file);
      const { stream, done } = opened;
      return Promise.race([
        new Promise<void>((resolve) => stream.write(text, () => resolve())),
        done,
      ]).catch(told);
    },
    end: async () => {
      const { stream, done } = opened ?? openFile(file);
      stream.end();
      await done.catch(told);
    },
  };
}

function openFile(file: string): { readonly stream: Writable; readonly done: Promise<void> } {
  const stream = createWriteStream(file, { mode: 0o600 });
  const done = finished(stream);
  // Told to whoever waits for it.
  done.catch(() => {});
  return { stream, done };
}
