import type { Command } from "./command.ts";

interface CommandRow {
  readonly name: string;
  readonly about: string;
  readonly load: () => Promise<Command>;
}

/** Every command, in the order of the help. `up` is run by the launcher, in the hub itself. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: "collect",
    about: "scrape services and push to a hub elsewhere",
    load: async () => (await import("./commands/collect.ts")).collect,
  },
  {
    name: "query",
    about: "evaluate an expression now, or over a time",
    load: async () => (await import("./commands/query.ts")).query,
  },
  {
    name: "explain",
    about: "what an expression computes, in which steps, and where the time goes",
    load: async () => (await import("./commands/explain.ts")).explain,
  },
  {
    name: "labels",
    about: "list label names, or the values of one",
    load: async () => (await import("./commands/labels.ts")).labels,
  },
  {
    name: "alerts",
    about: "what fires and what is pending",
    load: async () => (await import("./commands/alerts.ts")).alerts,
  },
  {
    name: "rules check",
    about: "would rule files be taken, and is something in them hardly meant",
    load: async () => (await import("./commands/rules/check.ts")).check,
  },
  {
    name: "rules test",
    about: "run unit tests of rules, without a hub",
    load: async () => (await import("./commands/rules/test.ts")).test,
  },
  {
    name: "rules load",
    about: "store rule files in the hub",
    load: async () => (await import("./commands/rules/load.ts")).load,
  },
  {
    name: "rules remove",
    about: "take a rule file out of the hub again",
    load: async () => (await import("./commands/rules/remove.ts")).remove,
  },
  {
    name: "rules list",
    about: "every rule, where it came from and how it is",
    load: async () => (await import("./commands/rules/list.ts")).list,
  },
  {
    name: "rules backfill",
    about: "record the past of recording rules",
    load: async () => (await import("./commands/rules/backfill.ts")).backfill,
  },
  {
    name: "reload-alerts",
    about: "read alerts/ again and say what changed",
    load: async () => (await import("./commands/reload-alerts.ts")).reloadAlerts,
  },
  {
    name: "status",
    about: "how the hub is",
    load: async () => (await import("./commands/status.ts")).status,
  },
  {
    name: "doctor",
    about: "what is wrong, and the command that mends it",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "tsdb inspect",
    about: "blocks, WAL and head of a data folder",
    load: async () => (await import("./commands/tsdb/inspect.ts")).inspect,
  },
  {
    name: "tsdb analyze",
    about: "which metrics and labels make the series; codecs",
    load: async () => (await import("./commands/tsdb/analyze.ts")).analyze,
  },
  {
    name: "tsdb verify",
    about: "read and check every byte of a data folder",
    load: async () => (await import("./commands/tsdb/verify.ts")).verify,
  },
  {
    name: "tsdb repair",
    about: "set damage aside and save what can be read",
    load: async () => (await import("./commands/tsdb/repair.ts")).repair,
  },
  {
    name: "tsdb export",
    about: "samples as JSON lines or OpenMetrics",
    load: async () => (await import("./commands/tsdb/export.ts")).exportSamples,
  },
  {
    name: "tsdb import",
    about: "from Prometheus' blocks, text or JSON lines",
    load: async () => (await import("./commands/tsdb/import.ts")).importSamples,
  },
  {
    name: "tsdb snapshot",
    about: "of a running hub's samples, instantly",
    load: async () => (await import("./commands/tsdb/snapshot.ts")).snapshot,
  },
  {
    name: "tsdb backup",
    about: "of samples and documents, while the hub runs",
    load: async () => (await import("./commands/tsdb/backup.ts")).backup,
  },
  {
    name: "tsdb restore",
    about: "a backup into a new data folder",
    load: async () => (await import("./commands/tsdb/restore.ts")).restore,
  },
  {
    name: "demo",
    about: "switch faults of the simulated agency",
    load: async () => (await import("./commands/demo.ts")).demo,
  },
  {
    name: "version",
    about: "the version",
    load: async () => (await import("./commands/version.ts")).version,
  },
];
