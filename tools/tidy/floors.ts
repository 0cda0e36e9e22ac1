import { type Import, packageOf, resolveRelative } from "./tree.ts";

/** The floors of the house (ARCHITECTURE.md §2): imports run down only. */
const FLOORS: Readonly<Record<string, number>> = {
  "packages/model": 1,
  "packages/wire": 2,
  "packages/query": 2,
  "packages/stores": 3,
  "packages/control": 3,
  "packages/client": 3,
  "packages/layers": 4,
  "packages/panels": 4,
  "packages/core": 4,
  "packages/react": 5,
  "packages/bricks": 5,
  "packages/elements": 5,
  "apps/hub": 6,
  "apps/cli": 6,
  "apps/web": 6,
};

const PACKAGE_FOLDERS: Readonly<Record<string, string>> = {
  "@hms-ops/model": "packages/model",
  "@hms-ops/wire": "packages/wire",
  "@hms-ops/query": "packages/query",
  "@hms-ops/stores": "packages/stores",
  "@hms-ops/control": "packages/control",
  "@hms-ops/client": "packages/client",
  "@hms-ops/layers": "packages/layers",
  "@hms-ops/panels": "packages/panels",
  "@hms-ops/core": "packages/core",
  "@hms-ops/react": "packages/react",
  "@hms-mfe/bricks": "packages/bricks",
  "@hms-ops/elements": "packages/elements",
  "@hms-ops/hub": "apps/hub",
  "@hms-ops/web": "apps/web",
  "hms-ops": "apps/cli",
};

/** Rooms within a package: each imports only rooms that stand after it in its row. */
const ROOMS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "packages/stores/src": [["memory", "tsdb", "logs", "traces", "documents", "remote"], ["disk"]],
  "apps/hub/src": [
    ["main.ts"],
    ["hub.ts"],
    ["answers"],
    ["http", "threads", "jobs", "api"],
    ["ingest", "outbound", "live", "explain"],
    ["config", "self"],
  ],
};

/** Files of a room's package that every room may use. */
const COMMON = new Set(["ports.ts", "errors.ts", "limits.ts", "matching.ts", "index.ts"]);

export function floorOffences(imports: readonly Import[]): readonly string[] {
  return imports.flatMap((entry) => [
    ...relativeOffences(entry),
    ...packageOffences(entry),
    ...roomOffences(entry),
  ]);
}

function relativeOffences(entry: Import): readonly string[] {
  if (!entry.specifier.startsWith(".")) return [];
  const target = packageOf(resolveRelative(entry));
  if (target === packageOf(entry.file)) return [];
  const mend = "import the other package by its name, through its door";
  return [`${where(entry)} a relative import leaves its package (${entry.specifier}): ${mend}`];
}

function packageOffences(entry: Import): readonly string[] {
  const target = targetPackage(entry.specifier);
  if (target === undefined) return [];
  const from = packageOf(entry.file);
  if (from === target) return [];
  if (target.startsWith("apps/")) {
    return [
      `${where(entry)} nothing imports an app (${entry.specifier}): talk to it over its port`,
    ];
  }
  const own = FLOORS[from];
  const other = FLOORS[target];
  if (own === undefined || other === undefined || other < own) return [];
  if (from === "packages/bricks" && target === "packages/react") return [];
  const mend = "move what both need a floor down, or hand it in";
  return [`${where(entry)} ${from} (floor ${own}) imports ${target} (floor ${other}): ${mend}`];
}

function roomOffences(entry: Import): readonly string[] {
  for (const [base, floors] of Object.entries(ROOMS)) {
    const target = resolveRelative(entry);
    const inside = entry.file.startsWith(`${base}/`) && target.startsWith(`${base}/`);
    if (!inside || !entry.specifier.startsWith(".") || /\.test\.|\/testing\//.test(entry.file))
      continue;
    const from = roomOf(entry.file, base);
    const to = roomOf(target, base);
    if (from === to || COMMON.has(to)) continue;
    const fromFloor = floors.findIndex((rooms) => rooms.includes(from));
    const toFloor = floors.findIndex((rooms) => rooms.includes(to));
    if (fromFloor < toFloor && fromFloor >= 0) continue;
    return [
      `${where(entry)} room ${from} imports room ${to}: rooms import only the rooms below them`,
    ];
  }
  return [];
}

function roomOf(path: string, base: string): string {
  return path.slice(base.length + 1).split("/")[0] ?? "";
}

function targetPackage(specifier: string): string | undefined {
  const name = specifier.startsWith("@")
    ? specifier.split("/").slice(0, 2).join("/")
    : specifier.split("/")[0];
  return PACKAGE_FOLDERS[name ?? ""];
}

function where({ file, line }: Import): string {
  return `${file}:${line}`;
}
