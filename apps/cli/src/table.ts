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
    name: "rules",
    about: "check, load and list alert rules",
    load: async () => (await import("./commands/rules.ts")).rules,
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
