import { randomInt } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shippedBoards, shippedRules } from "@hms-ops/layers";
import { labelsToRecord, OpsError, ownCommand } from "@hms-ops/model";
import { languageFeatures } from "@hms-ops/query";
import type { DiscoveredService, HubStatus, Refusal } from "@hms-ops/wire/api";
import { hubStatus } from "./answers/hub-status.ts";
import { liveQueries } from "./answers/live-answers.ts";
import { noticeAnswers } from "./answers/notice-answers.ts";
import { queryAnswers } from "./answers/query-answers.ts";
import { refusalsOf, rulesRefusal } from "./answers/refusals.ts";
import { storeAnswers } from "./answers/store-answers.ts";
import { alertsAnswer } from "./api/alerts.ts";
import { BareQueryApi } from "./api/bare-query.ts";
import { BoardsApi } from "./api/boards.ts";
import { LiveApi } from "./api/live.ts";
import { notificationsAnswer } from "./api/notifications.ts";
import { OpsApi } from "./api/ops.ts";
import { ProcessApi } from "./api/process.ts";
import { RemoteReadApi } from "./api/remote-read.ts";
import { opsRulesAnswer, rulesAnswer } from "./api/rules.ts";
import { ruleFileAnswers } from "./api/rules-upload.ts";
import { WriteApi } from "./api/write.ts";
import { isLoopback, readToken } from "./config/access.ts";
import type { UpOptions } from "./config/arguments.ts";
import { tellUnknownFeatures } from "./config/known-features.ts";
import { LoadedConfig } from "./config/loaded-config.ts";
import { defaultWebhooks } from "./config/receivers.ts";
import { retentionBytes } from "./config/retention-size.ts";
import type { ScrapeDefaults } from "./config/scrape-config.ts";
import { HUB_ERRORS } from "./errors.ts";
import { Guard } from "./http/guard.ts";
import { Pages } from "./http/pages.ts";
import { portRefusal } from "./http/port-holder.ts";
import { type Answers, bindRoutes } from "./http/routes.ts";
import { type Alias, HttpServer, type ListenFailure } from "./http/server.ts";
import { StartingAnswers } from "./http/starting-answers.ts";
import { DemoJob, demoTargets } from "./jobs/demo/index.ts";
import { LocalDiscovery } from "./jobs/discovery/index.ts";
import { HostJob } from "./jobs/host/index.ts";
import { AlertingJob } from "./jobs/rules/index.ts";
import { ConfigTargets, ScrapeJob, type TargetProvider } from "./jobs/scrape/index.ts";
import { STOP_TIMEOUT_MS } from "./limits.ts";
import type { LiveQueries } from "./live/index.ts";
import { sendRequest } from "./outbound/index.ts";
import type { HubServices, Job } from "./ports.ts";
import { systemClock } from "./self/clock.ts";
import { DataFolder, type RunningHub } from "./self/data-folder.ts";
import { IngestMeter } from "./self/ingest-meter.ts";
import { HubLog } from "./self/log.ts";
import type { Notices } from "./self/notices.ts";
import { SelfMetricsRegistry } from "./self/registry.ts";
import { runtimeFolder } from "./self/runtime-folder.ts";
import { SelfJob } from "./self/self-job.ts";
import { VERSION } from "./self/version.ts";
import { HubThreads } from "./threads/hub-threads.ts";

const WEB_FOLDER = fileURLToPath(new URL("../../web/dist", import.meta.url));
/** Often, so that a newcomer sees the lines move. */
const DEMO_SCRAPING: ScrapeDefaults = { scrapeIntervalMs: 5_000, scrapeTimeoutMs: 4_000 };
const DEMO_ENTRY = new URL("../../../demo/main.ts", import.meta.url);

/** Ports that users of other tools try first, and what they expect there. */
const ALIASES: readonly Alias[] = [
  { port: 3000, home: "/boards" },
  { port: 9091, home: "/explore" },
  { port: 9093, home: "/alerts" },
];

export interface HubOptions extends UpOptions {
  /** As the flags were said, for /api/v1/status/flags. */
  readonly flags: Readonly<Record<string, string>>;
  /** alerts/ and dashboards/ are looked for here. */
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Writes on the terminal. */
  readonly print: (text: string) => void;
  /** Called as soon as the port answers; the store may still be opening. */
  readonly onListening?: (hub: { readonly url: string }) => void;
}

export interface Hub {
  /** `http://localhost:9090` */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
  /** Alias ports that are open. */
  readonly aliasPorts: readonly number[];
  /** Alias ports that are taken. */
  readonly failures: readonly ListenFailure[];
  services(): readonly DiscoveredService[];
  /** Drains, flushes and closes; a second call waits for the first. */
  stop(): Promise<void>;
}

/** A hub runs already in this data folder. */
export class AnotherHub extends OpsError {
  readonly running: RunningHub;

  constructor(dataDir: string, running: RunningHub) {
    super(HUB_ERRORS.alreadyRunning, { dataDir, pid: running.pid, url: running.url });
    this.running = running;
  }
}

/** Starts a whole hub. Throws an OpsError when it cannot; nothing of it is left running then. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const started = new RunningParts(options);
  try {
    await started.start();
    return started;
  } catch (error) {
    await started.stop().catch(() => {});
    throw error;
  }
}

/** Puts the rooms of the hub together, starts them in order and stops them in reverse. */
class RunningParts implements Hub {
  readonly #options: HubOptions;
  readonly #folder: DataFolder;
  readonly #log: HubLog;
  readonly #registry = new SelfMetricsRegistry();
  readonly #meter = new IngestMeter();
  readonly #startedAtMs = systemClock.now();
  readonly #threads: HubThreads;
  readonly #services: HubServices;
  readonly #live: LiveQueries;
  /** Started ones, in order. */
  readonly #jobs: Job[] = [];
  readonly #config: LoadedConfig;
  #http: HttpServer | undefined;
  #failures: readonly ListenFailure[] = [];
  #notices: Notices | undefined;
  #scrape: ScrapeJob | undefined;
  #self: SelfJob | undefined;
  #hasFolder = false;
  #ready = false;
  #stopping: Promise<void> | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#folder = new DataFolder(options.dataDir);
    this.#log = new HubLog({
      file: this.#folder.logFile,
      clock: systemClock,
      shownLevel: options.logLevel,
      show: (line) => void process.stderr.write(line),
    });
    const basics = { clock: systemClock, log: this.#log, metrics: this.#registry };
    this.#config = new LoadedConfig(options.configFile, basics);
    this.#threads = new HubThreads({
      ...basics,
      meter: this.#meter,
      features: languageFeatures(options.features),
      subqueryStepMs: () => this.#config.value.subqueryStepMs,
    });
    const { readers } = this.#threads;
    this.#live = liveQueries({ ...basics, readers });
    this.#services = {
      ...basics,
      queries: readers,
      ingest: this.#threads,
      documents: this.#threads.documents,
      store: {
        labelNames: (request) => readers.labelNames(request),
        labelValues: (name, request) => readers.labelValues(name, request),
        series: (request) => readers.series(request),
        stats: () => this.#threads.stats(),
      },
    };
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  get port(): number {
    return this.#http?.port ?? this.#options.port;
  }

  get dataDir(): string {
    return this.#folder.path;
  }

  get logFile(): string {
    return this.#folder.logFile;
  }

  get aliasPorts(): readonly number[] {
    return [...(this.#http?.ports ?? [])].filter((port) => port !== this.port);
  }

  get failures(): readonly ListenFailure[] {
    return this.#failures;
  }

  async start(): Promise<void> {
    const token = await readToken(this.#options, this.#options.environment);
    await this.#config.load();
    await this.#claimFolder();
    this.#config.tellProblems();
    tellUnknownFeatures(this.#options.features, this.#log);
    const starting = new StartingAnswers();
    await this.#listen(token, (name, auth) => starting.handlerOf(name, auth));
    try {
      const { flags, workingFolder } = this.#options;
      await this.#folder.noteRunning({ pid: process.pid, url: this.url, flags, workingFolder });
      const jobs = await this.#makeJobs(token);
      starting.assemble(this.#answers(jobs));
      this.#options.onListening?.(this);
      await this.#open();
      await starting.open();
      await this.#startJobs(jobs.inOrder);
    } catch (error) {
      starting.fail(error);
      throw error;
    }
    this.#ready = true;
    this.#log.info("the hub is ready", { version: VERSION, url: this.url, pid: process.pid });
  }

  async #startJobs(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) {
      this.#jobs.push(job);
      await job.start();
    }
  }

  services(): readonly DiscoveredService[] {
    const own: DiscoveredService = {
      job: "hms-ops",
      instance: `localhost:${this.port}`,
      url: `${this.url}/metrics`,
      origin: "self",
      health: this.#self?.lastStoredMs ? "up" : "unknown",
      lastScrapeMs: this.#self?.lastStoredMs ?? null,
      lastError: "",
      skippedLines: 0,
    };
    return [...(this.#scrape?.services() ?? []), own];
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#ready = false;
    this.#live.stop();
    this.#notices?.stop();
    const closing = this.#http?.close(STOP_TIMEOUT_MS);
    for (const job of [...this.#jobs].reverse()) {
      await job.stop().catch((error: unknown) => {
        this.#log.error(`the job ${job.name} did not stop in order`, { error });
      });
    }
    await closing;
    if (this.#hasFolder) await this.#folder.forgetRunning();
    await this.#threads.close().catch((error: unknown) => {
      this.#log.error("the store did not close in order", { error });
    });
    if (this.#hasFolder) this.#log.info("the hub has stopped");
    await this.#log.flush();
  }

  async #claimFolder(): Promise<void> {
    await this.#folder.make();
    if (!(await this.#threads.lock(this.#folder.lockFile))) {
      throw new AnotherHub(this.#folder.path, await this.#folder.running());
    }
    this.#hasFolder = true;
    await this.#folder.checkFormat();
  }

  async #open(): Promise<void> {
    const { retentionMs, retentionSize } = this.#options;
    const seed = randomInt(2 ** 32);
    const { totalBytes } = await this.#folder.space();
    const store = {
      folder: this.#folder.metricsFolder,
      retentionMs,
      retentionBytes: retentionBytes(retentionSize, totalBytes),
      seed,
    };
    await this.#threads.open(store, this.#folder.documentsFile);
    this.#registry.set("hms_ops_build_info", 1, { version: VERSION });
  }

  async #makeJobs(token: string): Promise<Jobs> {
    const services = this.#services;
    const { discovery: isOn, demo: wantsDemo, environment, workingFolder } = this.#options;
    const configTargets = new ConfigTargets(services, this.#config.value.scrapeConfigs);
    const discovery = this.#discoveryIn(runtimeFolder(environment), isOn);
    const demo = wantsDemo ? await this.#makeDemo(token) : undefined;
    const providers = [configTargets, ...(demo ? [demo.targets] : []), discovery];
    const scrape = new ScrapeJob(services, providers);
    const { print } = this.#options;
    const alerting = new AlertingJob(services, {
      folder: join(workingFolder, "alerts"),
      shipped: shippedRules,
      externalUrl: this.url,
      externalLabels: labelsToRecord(this.#config.value.externalLabels),
      intervalMs: this.#config.value.evaluationIntervalMs,
      webhooks: defaultWebhooks(this.#config.value.alerting, environment),
      directory: { contacts: {}, environment },
      send: sendRequest,
      print: (line) => print(`${line}\n`),
    });
    const host = new HostJob(services, { instance: hostname() });
    const self = new SelfJob(
      {
        ...services,
        registry: this.#registry,
        measureThreads: () => this.#threads.measure(),
        storeStats: () => this.#threads.stats(),
        diskSpace: () => this.#folder.space(),
      },
      `localhost:${this.port}`,
    );
    this.#scrape = scrape;
    this.#self = self;
    const inOrder = [self, host, alerting, ...(demo ? [demo.job] : []), scrape];
    return { configTargets, discovery, demo: demo?.job, scrape, alerting, inOrder };
  }

  #discoveryIn(
    folder: string,
    isOn: boolean,
    { ports, ...defaults }: { readonly ports?: readonly number[] } & Partial<ScrapeDefaults> = {},
  ): LocalDiscovery {
    return new LocalDiscovery(this.#services, {
      runtimeFolder: folder,
      defaults: { ...this.#config.value, ...defaults },
      ownPorts: () => this.#http?.ports ?? new Set(),
      isOn,
      ...(ports && { ports }),
    });
  }

  async #makeDemo(
    token: string,
  ): Promise<{ readonly job: DemoJob; readonly targets: TargetProvider }> {
    const login = token === "" ? "" : `demo:${encodeURIComponent(token)}@`;
    const url = `http://${login}127.0.0.1:${this.port}`;
    const environment = { OPS_HUB: url, HMS_OPS_URL: url };
    const job = new DemoJob(this.#services, { entry: DEMO_ENTRY, environment });
    const found = this.#discoveryIn(await job.makeRuntimeFolder(), true, {
      ports: [],
      ...DEMO_SCRAPING,
    });
    return { job, targets: demoTargets(found) };
  }

  async #listen(token: string, answerOf: Parameters<typeof bindRoutes>[0]): Promise<void> {
    const { host, port, aliases } = this.#options;
    const beyondLoopback = !isLoopback(host);
    const hosts = beyondLoopback ? [host] : ["127.0.0.1", "::1"];
    try {
      const { server, failures } = await HttpServer.open({
        ...this.#services,
        hosts,
        port,
        aliases: aliases ? ALIASES : [],
        routes: bindRoutes(answerOf),
        pages: new Pages(WEB_FOLDER),
        guard: new Guard({ token, beyondLoopback, ownNames: [hostname(), host] }),
      });
      this.#http = server;
      this.#failures = failures.filter(({ code }) => code === "EADDRINUSE");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      const refusal = await portRefusal(port, this.#folder.path);
      await this.#log.flush();
      if (await this.#folder.unmake()) this.#hasFolder = false;
      throw refusal;
    }
  }

  #answers(jobs: Jobs): Answers {
    const { clock, ingest } = this.#services;
    const { readers } = this.#threads;
    const { runner, files, outbox } = jobs.alerting;
    const groups = () => runner.views();
    const { notices, answers } = noticeAnswers({
      clock,
      options: this.#options,
      folder: this.#folder,
      threads: this.#threads,
      refusals: () => this.#refusals(jobs.alerting),
    });
    this.#notices = notices;
    return {
      ...queryAnswers({
        clock,
        targets: jobs.scrape,
        ingest,
        threads: this.#threads,
        config: this.#config,
      }),
      ...new WriteApi(ingest, clock, (metrics) => runner.samplesArrived(metrics)),
      ...new RemoteReadApi(readers),
      ...new LiveApi(this.#live),
      ...new BareQueryApi(readers, clock),
      ...storeAnswers({
        clock,
        startedAtMs: this.#startedAtMs,
        options: this.#options,
        config: this.#config,
        folder: this.#folder,
        threads: this.#threads,
        isAllTaken: () => this.#refusals(jobs.alerting).length === 0,
      }),
      ...this.#opsApi(jobs),
      ...this.#processApi(jobs),
      ...answers,
      ...new BoardsApi({
        shipped: shippedBoards,
        folder: join(this.#options.workingFolder, "dashboards"),
        log: this.#log,
      }),
      ...ruleFileAnswers(files),
      rules: rulesAnswer(groups),
      alerts: alertsAnswer(groups),
      opsRules: opsRulesAnswer(groups),
      notifications: notificationsAnswer((limit) => outbox.list(limit)),
    };
  }

  #opsApi({ discovery, demo, alerting }: Jobs): OpsApi {
    return new OpsApi({
      status: async () => await this.#status(alerting, demo),
      services: () => this.services(),
      isDiscovering: () => discovery.isOn,
      setDiscovering: (on) => discovery.setOn(on),
      faults: () => demo?.faults,
      switchFault: async (name, on) => await demo?.switchFault(name, on),
    });
  }

  #processApi({ configTargets, alerting }: Jobs): ProcessApi {
    return new ProcessApi({
      isReady: () => this.#ready,
      isStopping: () => this.#stopping !== undefined,
      reload: async () => {
        try {
          await this.#config.load();
          this.#config.tellProblems();
          await configTargets.apply(this.#config.value.scrapeConfigs);
          const refused = rulesRefusal((await alerting.files.reload()).problems);
          if (refused) throw refused;
        } finally {
          void this.#notices?.look();
        }
      },
      families: async () => {
        await this.#self?.measure();
        return this.#registry.families();
      },
    });
  }

  #refusals({ files }: AlertingJob): readonly Refusal[] {
    return refusalsOf({ configuration: this.#config.refusal, rules: files.problems });
  }

  async #status(alerting: AlertingJob, demo: DemoJob | undefined): Promise<HubStatus> {
    return await hubStatus({
      hub: {
        name: this.#options.name || hostname(),
        startedAtMs: this.#startedAtMs,
        dataDir: this.#folder.path,
        url: this.url,
        command: ownCommand(this.#options.environment),
      },
      threads: this.#threads,
      meter: this.#meter,
      pulse: this.#scrape?.pulse() ?? [],
      alerts: alerting.runner.summary(),
      demo: demo ? { faults: demo.faults } : null,
      refusals: this.#refusals(alerting),
    });
  }
}

interface Jobs {
  readonly configTargets: ConfigTargets;
  readonly discovery: LocalDiscovery;
  readonly demo: DemoJob | undefined;
  readonly scrape: ScrapeJob;
  readonly alerting: AlertingJob;
  readonly inOrder: readonly Job[];
}
