import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { type HubProcess, removeFolder, startHub } from "./support/hub.ts";

const PATIENT = 10;
const NICE_FIELD = 16;

let hub: HubProcess | undefined;

afterEach(async () => {
  await hub?.stop();
  if (hub) removeFolder(hub.folder);
  hub = undefined;
});

/** Of each name that the threads of a process have, every niceness: see proc(5), `stat`. */
function nicenessByName(pid: number): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, Set<number>>();
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "utf8");
    const end = stat.lastIndexOf(")");
    const name = stat.slice(stat.indexOf("(") + 1, end);
    const nice = Number(stat.slice(end + 2).split(" ")[NICE_FIELD]);
    found.set(name, (found.get(name) ?? new Set()).add(nice));
  }
  return found;
}

describe.skipIf(process.platform !== "linux")("where cores are short", () => {
  it("queries, and V8's compilers for them, stand back behind main and the writer", async () => {
    hub = await startHub();
    const answer = await fetch(`${hub.url}/api/v1/query?query=up`);
    expect(answer.status).toBe(200);
    const niceness = nicenessByName(hub.pid);
    const own = getPriority();
    expect(niceness.get("hms-ops writer")).toEqual(new Set([own]));
    expect(niceness.get("hms-ops query-1")).toEqual(new Set([own + PATIENT]));
    expect(niceness.get("V8Worker")).toEqual(new Set([own + PATIENT]));
  });
});
