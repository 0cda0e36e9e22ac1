import { type Directory, type NotifyTarget, readTarget } from "@hms-ops/control";
import {
  type Clock,
  METRIC_NAME,
  type MetricStore,
  matcher,
  OpsError,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { Outbox, type SendRequest } from "../../outbound/index.ts";
import type { HubServices, Job, Log } from "../../ports.ts";
import { RuleFiles } from "../files/index.ts";
import { RuleRunner } from "./rule-runner.ts";

export interface AlertingOptions {
  /** Path of alerts/. */
  readonly folder: string;
  readonly shipped: readonly { readonly file: string; readonly text: string }[];
  /** Where the hub's page is. */
  readonly externalUrl: string;
  readonly externalLabels?: Readonly<Record<string, string>>;
  /** Of groups that name none. */
  readonly intervalMs?: number;
  /** Default receivers: addresses or `channel:address`; bad ones are logged and left out. */
  readonly webhooks: readonly string[];
  readonly directory: Directory;
  readonly send: SendRequest;
  /** Writes a line on the hub's terminal. */
  readonly print: (line: string) => void;
}

/** Rule files, the runner and the outbox as one part of the hub, started and stopped in order. */
export class AlertingJob implements Job {
  readonly name = "alerting";
  readonly files: RuleFiles;
  readonly runner: RuleRunner;
  readonly outbox: Outbox;

  constructor(services: HubServices, options: AlertingOptions) {
    const { directory, externalUrl, externalLabels, intervalMs } = options;
    const { folder, shipped, send, print } = options;
    const receivers = readReceivers(options.webhooks, directory, services.log);
    this.outbox = new Outbox({ ...pick(services), send, print, externalUrl });
    this.runner = new RuleRunner(
      { ...services, outbox: this.outbox },
      { externalUrl, externalLabels, intervalMs, receivers: () => receivers },
    );
    const catalog = {
      exists: (name: string) => metricExists(services.store, services.clock, name),
    };
    this.files = new RuleFiles(services, {
      folder,
      shipped,
      context: () => ({ catalog, directory, hasDefaultReceivers: receivers.length > 0 }),
      apply: (groups) => this.runner.setGroups(groups),
    });
  }

  async start(): Promise<void> {
    await this.outbox.start();
    await this.runner.start();
    await this.files.start();
  }

  async stop(): Promise<void> {
    await this.files.stop();
    await this.runner.stop();
    await this.outbox.stop();
  }
}

function pick({ clock, log, metrics, documents }: HubServices) {
  return { clock, log, metrics, documents };
}

function readReceivers(
  texts: readonly string[],
  directory: Directory,
  log: Log,
): readonly NotifyTarget[] {
  return texts.flatMap((text) => {
    const { target, problems } = readTarget(text, directory);
    for (const { row, inputs, severity } of problems) {
      if (severity === "warning") continue;
      const { message, mend } = new OpsError(row, inputs);
      log.error(`a default receiver is left out: ${message}`, { mend });
    }
    return target ? [target] : [];
  });
}

/** Whether a metric has been seen lately; short forms are bound by it. */
async function metricExists(
  store: Pick<MetricStore, "labelValues">,
  clock: Clock,
  name: string,
): Promise<boolean> {
  const nowMs = clock.now();
  const values = await store.labelValues(METRIC_NAME, {
    matcherSets: [[matcher(METRIC_NAME, "=", name)]],
    range: { fromMs: nowMs - CATALOG_RANGE_MS, toMs: nowMs },
    budget: UNLIMITED_BUDGET,
    limit: 1,
  });
  return values.length > 0;
}

/** A metric that was silent for a day is gone. */
const CATALOG_RANGE_MS = 24 * 3_600_000;
