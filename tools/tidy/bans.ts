import type { SourceFile } from "./tree.ts";

/** A call that has a better place: what is banned, where it may stand, and what to use instead. */
interface Ban {
  readonly pattern: RegExp;
  readonly allowed: RegExp;
  readonly instead: string;
}

const TESTS = /\.test\.tsx?$|\/testing\/|^e2e\/|^tools\/|^bench\/|\.config\.ts$/;
/** What runs a simulation has threads and real clocks; what is simulated has only its seed. */
const SIMULATORS = /^sim\/support\/|^sim\/.*\.(thread|process)\.ts$/;

const BANS: readonly Ban[] = [
  {
    pattern: /\bDate\.now\s*\(|\bnew Date\(\s*\)|\bperformance\.now\s*\(/,
    allowed:
      /^apps\/(hub\/src\/self|hub\/src\/threads|cli|web)\/|^packages\/client\/src\/(node|browser)\/|^demo\//,
    instead: "take a Clock (model/time.ts)",
  },
  {
    pattern: /(?<![.\w])(setTimeout|setInterval)\s*\(/,
    allowed: /^apps\/|^packages\/client\/src\/(node|browser)\/|^packages\/(bricks|react)\/|^demo\//,
    instead: "take a Clock and its after()",
  },
  {
    pattern: /\bMath\.random\s*\(/,
    allowed: /^packages\/client\/src\/(node|browser)\//,
    instead: "take a Random (model/random.ts), so that a seed replays it",
  },
  {
    pattern: /(?<![.\w])fetch\s*\(/,
    allowed: /^apps\/|^packages\/client\/|^packages\/stores\/src\/remote\/|^demo\//,
    instead: "take a transport",
  },
  {
    pattern: /(?<![.\w])console\.\w+\s*\(/,
    allowed: /^apps\/cli\//,
    instead: "take a Log, or return what is to be said",
  },
  {
    pattern: /\bSharedArrayBuffer\b|\bAtomics\./,
    allowed:
      /^packages\/(?:stores\/src\/\w+|query\/src\/promql\/exec)\/shared\.ts$|^apps\/hub\/src\/threads\//,
    instead: "keep shared memory in the package's shared.ts",
  },
  {
    pattern: /from "node:worker_threads"/,
    allowed: /^apps\/hub\/src\/threads\//,
    instead: "keep threads in apps/hub/src/threads",
  },
  {
    pattern: /^\s*@\w+(\(.*\))?\s*$(?=\n\s*(export\s+)?class)|^\s*accessor\s/m,
    allowed: /^$/,
    instead: "no decorators or accessor fields: Node's type stripping refuses them",
  },
];

export function banOffences(file: SourceFile): readonly string[] {
  if (TESTS.test(file.path) || SIMULATORS.test(file.path)) return [];
  const offences: string[] = [];
  for (const ban of BANS) {
    if (ban.allowed.test(file.path)) continue;
    for (const [index, line] of file.text.split("\n").entries()) {
      if (/^\s*(\*|\/\/|\/\*)/.test(line) || !ban.pattern.test(line)) continue;
      offences.push(`${file.path}:${index + 1} ${line.trim()}: ${ban.instead}`);
    }
  }
  return offences;
}
