import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EXIT } from "../../exit-codes.ts";
import { runWords } from "../../run.test.tools.ts";

const PID = 4711;
const NOBODY = "http://127.0.0.1:1";

let here = "";
let hubFolder = "";
let server: Server;
let url = "";

/** A hub that says where its data lies, and a folder from which commands are run. */
beforeEach(async () => {
  here = realpathSync(mkdtempSync(join(tmpdir(), "hms-ops-cli-here-")));
  hubFolder = join(here, "of-the-hub");
  vi.spyOn(process, "cwd").mockReturnValue(here);
  server = createServer((request, response) => {
    const isStatus = request.url === "/api/ops/v1/status";
    response.statusCode = isStatus ? 200 : 404;
    response.end(JSON.stringify(isStatus ? { hub: { dataDir: hubFolder, pid: PID } } : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  vi.restoreAllMocks();
  server.close();
  rmSync(here, { recursive: true, force: true });
});

function makeStore(folder: string, blocks: number): void {
  mkdirSync(join(folder, "tsdb/blocks"), { recursive: true });
  for (let i = 0; i < blocks; i++) mkdirSync(join(folder, `tsdb/blocks/damaged-${i}`));
}

function noteRunning(pid: number): void {
  writeFileSync(join(hubFolder, "running.json"), JSON.stringify({ pid, url }));
}

function inspect(environment: Readonly<Record<string, string>>, ...words: string[]) {
  return runWords(["tsdb", "inspect", ...words], environment);
}

describe("the store that a command reads", () => {
  it("is that of the hub that was named, before the one in this folder", async () => {
    makeStore(hubFolder, 2);
    noteRunning(PID);
    makeStore(join(here, "hms-ops-data"), 1);
    const said = `The store of the hub at ${url}: ${hubFolder}\n`;
    for (const [words, environment] of [
      [[], { HMS_OPS_URL: url }],
      [[], { OPS_HUB: url }],
      [["--url", url], {}],
    ] as const) {
      const found = await inspect(environment, ...words);
      expect(found).toMatchObject({ code: EXIT.ok, said });
      expect(found.out).toContain("blocks  2:");
    }
    const named = await inspect({ HMS_OPS_URL: url }, "--data-dir", "hms-ops-data");
    expect([named.out, named.said]).toEqual([expect.stringContaining("blocks  1:"), ""]);
  });

  it("is the one in this folder where no hub is named, or none answers there", async () => {
    makeStore(join(here, "hms-ops-data"), 1);
    expect(await inspect({})).toMatchObject({ code: EXIT.ok, said: "" });
    const away = await inspect({ HMS_OPS_URL: NOBODY });
    expect(away.out).toContain("blocks  1:");
    expect(away.said).toBe(`No hub answers at ${NOBODY}: the store in ./hms-ops-data is read.\n`);
    expect((await inspect({}, "--url", NOBODY)).code).toBe(EXIT.unreachable);
  });

  it("is none where there is neither: the flag that names one is told", async () => {
    const { code, said } = await inspect({ HMS_OPS_URL: NOBODY });
    expect(code).toBe(EXIT.failure);
    expect(said).toContain(`no ./hms-ops-data here, and no hub answers at ${NOBODY} (OPS-1710)`);
    expect(said).toContain("--data-dir FOLDER");
  });

  it("is not another one at the path that a hub elsewhere names", async () => {
    const backup = () => runWords(["tsdb", "backup", join(here, "to")], { HMS_OPS_URL: url });
    const said = expect.stringContaining("OPS-1706");
    expect(await backup()).toMatchObject({ code: EXIT.failure, said });
    makeStore(hubFolder, 1);
    noteRunning(PID + 1);
    expect(await backup()).toMatchObject({ code: EXIT.failure, said });
    noteRunning(PID);
    expect((await backup()).said).not.toContain("OPS-1706");
  });
});
