import { type FSWatcher, watch } from "node:fs";
import { basename } from "node:path";
import {
  CONTROL_ERRORS,
  compareRules,
  type DialectContext,
  joinRules,
  type RuleGroup,
  type RuleProblem,
  readRuleFile,
} from "@hms-ops/control";
import { type DocumentStore, type DocumentWrite, OpsError } from "@hms-ops/model";
import type { RulesReport, RulesUpload } from "@hms-ops/wire/api";
import type { HubServices, Job } from "../../ports.ts";
import { listRuleFiles, readRuleText } from "./folder.ts";
import { POLL_MS, SETTLE_MS } from "./limits.ts";

const UPLOADED = "uploaded-rules";
const LAST_GOOD = "good-rule-files";

export interface RuleFilesServices extends Pick<HubServices, "clock" | "log" | "metrics"> {
  readonly documents: DocumentStore;
}

export interface RuleFilesOptions {
  /** Path of alerts/; it may appear later. */
  readonly folder: string;
  readonly shipped: readonly { readonly file: string; readonly text: string }[];
  /** What readers of rules may know of the hub. */
  readonly context: () => DialectContext;
  /** Takes each new good set. */
  readonly apply: (groups: readonly RuleGroup[]) => Promise<void>;
}

interface Source {
  readonly file: string;
  readonly text: string;
}

interface Reading {
  readonly groups: readonly RuleGroup[];
  readonly problems: readonly RuleProblem[];
}

/** A reading of everything that lies in alerts/. */
interface FullReading extends Reading {
  readonly sources: readonly Source[];
  /** Of the folder, as it was before it was read. */
  readonly version: string;
}

/**
 * All rules of the hub: shipped, from alerts/, uploaded. Reads alerts/ again within a second of a
 * change. A set with an error is never taken: the one before it keeps running.
 */
export class RuleFiles implements Job {
  readonly name = "rule-files";
  readonly #services: RuleFilesServices;
  readonly #options: RuleFilesOptions;
  readonly #shownFolder: string;
  #groups: readonly RuleGroup[] = [];
  #problems: readonly RuleProblem[] = [];
  #uploaded: readonly Source[] = [];
  #seenVersion = "";
  #watcher: FSWatcher | undefined;
  #forgetPoll: () => void = () => {};
  #forgetSettle: () => void = () => {};
  #stopped = false;
  /** Readings wait here for each other. */
  #line: Promise<unknown> = Promise.resolve();

  constructor(services: RuleFilesServices, options: RuleFilesOptions) {
    this.#services = services;
    this.#options = options;
    this.#shownFolder = basename(options.folder);
  }

  async start(): Promise<void> {
    const { documents } = this.#services;
    const stored = await documents.list(UPLOADED);
    this.#uploaded = stored.map(({ id, value }) => ({
      file: id,
      text: (value as { text: string }).text,
    }));
    await this.#enqueue(() => this.#firstRead());
    this.#poll();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#forgetPoll();
    this.#forgetSettle();
    this.#watcher?.close();
    await this.#line;
  }

  /** The set that runs. */
  get groups(): readonly RuleGroup[] {
    return this.#groups;
  }

  /** Warnings included; an error says why what lies in alerts/ is not what runs. */
  get problems(): readonly RuleProblem[] {
    return this.#problems;
  }

  /** Reads alerts/ now, whether it changed or not, and says what that changed. */
  reload(): Promise<RulesReport> {
    return this.#enqueue(() => this.#read());
  }

  /** Keeps a file in the hub; one of the same name is replaced. */
  upload({ file, text }: RulesUpload): Promise<RulesReport> {
    return this.#enqueue(() =>
      this.#keep(file, { text }, [...without(this.#uploaded, file), { file, text }]),
    );
  }

  /** Forgets an uploaded file. Rejects with an OpsError where none of that name is kept. */
  async remove(file: string): Promise<RulesReport> {
    const names = this.#uploaded.map((source) => source.file);
    if (!names.includes(file)) {
      const suggestion =
        names.length > 0 ? `There is: ${names.join(", ")}.` : "None is: nothing was uploaded.";
      throw new OpsError(CONTROL_ERRORS.notUploaded, { file, suggestion });
    }
    return this.#enqueue(() => this.#keep(file, undefined, without(this.#uploaded, file)));
  }

  /** What an upload would do; changes nothing. */
  check({ file, text }: RulesUpload): Promise<RulesReport> {
    return this.#enqueue(async () => {
      const uploaded = [...without(this.#uploaded, file), { file, text }];
      const { groups, problems } = await this.#readAll(uploaded);
      const ofFile = problems.filter((problem) => problem.file === uploadName(file));
      return report(this.#groups, { groups, problems: ofFile });
    });
  }

  /** Looks whether alerts/ changed, and reads it if so. */
  checkNow(): Promise<void> {
    return this.#enqueue(async () => {
      const version = await this.#folderVersion();
      if (version === this.#seenVersion || this.#stopped) return;
      const { ok, added, changed, removed } = await this.#read();
      if (ok) this.#services.log.info("rules reloaded", { added, changed, removed });
    });
  }

  #poll(): void {
    if (this.#stopped) return;
    this.#watch();
    this.#forgetPoll = this.#services.clock.after(POLL_MS, () => {
      void this.checkNow().finally(() => this.#poll());
    });
  }

  /** The system tells of most changes at once; polling sees the others. */
  #watch(): void {
    if (this.#watcher) return;
    try {
      const watcher = watch(this.#options.folder, () => {
        this.#forgetSettle();
        this.#forgetSettle = this.#services.clock.after(SETTLE_MS, () => void this.checkNow());
      });
      const forget = () => {
        watcher.close();
        if (this.#watcher === watcher) this.#watcher = undefined;
      };
      watcher.on("error", forget);
      watcher.unref();
      this.#watcher = watcher;
    } catch {
      // There is no such folder yet: the next poll tries again.
    }
  }

  /** One reading at a time; a failed one is logged and does not hold up the next. */
  #enqueue<Result>(read: () => Promise<Result>): Promise<Result> {
    const result = this.#line.then(read);
    this.#line = result.catch((error: unknown) => {
      this.#services.log.error("reading rules failed", { reason: String(error) });
    });
    return result;
  }

  /** At the start there is no set before: a bad file is replaced by its last good text. */
  async #firstRead(): Promise<void> {
    const first = await this.#read();
    if (first.ok) return;
    const bad = new Set(
      first.problems.filter(({ severity }) => severity === "error").map(({ file }) => file),
    );
    const { sources } = await this.#readFolder();
    const mended: Source[] = [];
    for (const source of sources) {
      if (!bad.has(source.file)) mended.push(source);
      else {
        const good = await this.#services.documents.get(LAST_GOOD, source.file);
        if (good) mended.push({ file: source.file, text: (good as { text: string }).text });
      }
    }
    const uploaded = this.#uploaded.filter(({ file }) => !bad.has(uploadName(file)));
    const reading = await this.#join(mended, uploaded);
    await this.#run(reading.groups);
  }

  /** Stores the file under its name, or its absence, if the set that it leads to is good. */
  async #keep(id: string, value: unknown, uploaded: readonly Source[]): Promise<RulesReport> {
    const reading = await this.#readAll(uploaded);
    this.#logProblems(reading.problems);
    // Refused, it is nowhere: the rules that run and those in alerts/ are as they were.
    if (!isGood(reading)) return report(this.#groups, reading);
    await this.#services.documents.write([{ collection: UPLOADED, id, value }]);
    this.#uploaded = uploaded;
    return await this.#take(reading);
  }

  /** What lies in alerts/ and what was uploaded, taken where it is good. */
  async #read(): Promise<RulesReport> {
    const reading = await this.#readAll(this.#uploaded);
    this.#logProblems(reading.problems);
    if (isGood(reading)) return await this.#take(reading);
    this.#note(reading);
    return report(this.#groups, reading);
  }

  async #readAll(uploaded: readonly Source[]): Promise<FullReading> {
    const version = await this.#folderVersion();
    const { sources, problems } = await this.#readFolder();
    const { groups, problems: found } = await this.#join(sources, uploaded);
    return { groups, problems: [...problems, ...found], sources, version };
  }

  async #take(reading: FullReading): Promise<RulesReport> {
    const outcome = report(this.#groups, reading);
    this.#note(reading);
    const writes = await this.#goodWrites(reading.sources);
    if (writes.length > 0) await this.#services.documents.write(writes);
    await this.#run(reading.groups);
    return outcome;
  }

  #note(reading: FullReading): void {
    this.#seenVersion = reading.version;
    this.#problems = reading.problems;
    const { metrics } = this.#services;
    metrics.set("hms_ops_rule_files_last_reload_successful", isGood(reading) ? 1 : 0);
  }

  async #run(groups: readonly RuleGroup[]): Promise<void> {
    this.#groups = groups;
    await this.#options.apply(groups);
  }

  async #join(folder: readonly Source[], uploaded: readonly Source[]): Promise<Reading> {
    const problems: RuleProblem[] = [];
    const context = this.#options.context();
    const read = async ({ file, text }: Source) => {
      const { groups, problems: found } = await readRuleFile(text, file, context);
      problems.push(...found);
      return groups;
    };
    const shipped: RuleGroup[] = [];
    for (const source of this.#options.shipped) {
      // Nobody wrote these: what they lack (receivers) is told once by doctor, not by every reload.
      const { groups } = await readRuleFile(source.text, source.file, context);
      shipped.push(...groups);
    }
    const written: RuleGroup[] = [];
    for (const source of folder) written.push(...(await read(source)));
    for (const { file, text } of uploaded) {
      written.push(...(await read({ file: uploadName(file), text })));
    }
    const joined = joinRules({ shipped, written });
    return { groups: joined.groups, problems: [...problems, ...joined.problems] };
  }

  async #readFolder(): Promise<{
    readonly sources: readonly Source[];
    readonly problems: readonly RuleProblem[];
  }> {
    const sources: Source[] = [];
    const problems: RuleProblem[] = [];
    for (const { file, path } of await listRuleFiles(this.#options.folder, this.#shownFolder)) {
      const found = await readRuleText(path);
      if ("text" in found) sources.push({ file, text: found.text });
      else {
        const { reason } = found;
        const { code, message, mend } = new OpsError(CONTROL_ERRORS.unreadableFile, { reason });
        problems.push({ file, line: 1, column: 1, severity: "error", code, message, mend });
      }
    }
    return { sources, problems };
  }

  async #folderVersion(): Promise<string> {
    const files = await listRuleFiles(this.#options.folder, this.#shownFolder);
    return files.map(({ file, version }) => `${file} ${version}`).join("\n");
  }

  async #goodWrites(sources: readonly Source[]): Promise<readonly DocumentWrite[]> {
    const stored = await this.#services.documents.list(LAST_GOOD);
    const before = new Map(stored.map(({ id, value }) => [id, (value as { text: string }).text]));
    const files = new Set(sources.map(({ file }) => file));
    const writes: DocumentWrite[] = sources
      .filter(({ file, text }) => before.get(file) !== text)
      .map(({ file, text }) => ({ collection: LAST_GOOD, id: file, value: { text } }));
    for (const id of before.keys()) {
      if (!files.has(id)) writes.push({ collection: LAST_GOOD, id });
    }
    return writes;
  }

  #logProblems(problems: readonly RuleProblem[]): void {
    for (const { file, line, column, severity, message, mend } of problems) {
      const place = `${file}:${line}:${column}`;
      const say = severity === "error" ? this.#services.log.error : this.#services.log.warn;
      say.call(this.#services.log, `rule file: ${message}`, { place, mend });
    }
  }
}

function uploadName(file: string): string {
  return `uploaded: ${file}`;
}

function without(uploaded: readonly Source[], file: string): readonly Source[] {
  return uploaded.filter((source) => source.file !== file);
}

function isGood({ problems }: Reading): boolean {
  return problems.every(({ severity }) => severity !== "error");
}

function report(before: readonly RuleGroup[], reading: Reading): RulesReport {
  const { groups, problems } = reading;
  const ok = isGood(reading);
  const changes = ok
    ? compareRules(before, groups)
    : { added: [], changed: [], removed: [], unchanged: 0 };
  return { ok, ...changes, problems };
}
