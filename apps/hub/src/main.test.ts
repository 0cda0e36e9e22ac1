import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HubStatus } from "@hms-ops/wire/api";
import { afterAll, describe, expect, it } from "vitest";

const HMS_OPS = fileURLToPath(new URL("../../cli/bin/hms-ops", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hms-ops-up-"));
const children: ChildProcess[] = [];

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

interface Up {
  readonly child: ChildProcess;
  /** Settles with the output up to that text. */
  saying(text: string): Promise<string>;
  readonly ended: Promise<Ended>;
}

function up(...flags: string[]): Up {
  const { HMS_OPS_TOKEN: _, ...environment } = process.env;
  const child = spawn(HMS_OPS, ["up", ...flags], {
    cwd: folder,
    env: { ...environment, HMS_OPS_RUNTIME_DIR: join(folder, "runtime") },
  });
  children.push(child);
  let output = "";
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => resolve({ code, output }));
  });
  const saying = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (output.includes(text)) resolve(output);
      };
      for (const stream of [child.stdout, child.stderr]) stream.on("data", look);
      child.on("close", () => reject(new Error(`it ended without saying ${text}:\n${output}`)));
    });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return { child, saying, ended };
}

const QUIET = ["--port", "0", "--no-aliases", "--no-discovery"];

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

describe("hms-ops up", () => {
  it("says where it is, is found by a second one, and stops in order", async () => {
    const first = up(...QUIET);
    const output = await first.saying("Ctrl-C stops.");
    const [, port = ""] = /^Dashboard running at http:\/\/localhost:(\d+)$/m.exec(output) ?? [];
    expect(output).toContain(join(folder, "hms-ops-data"));
    expect(output).toContain("Next:");
    expect(output).toContain(`CLI: export HMS_OPS_URL=http://127.0.0.1:${port}\n`);
    expect(output).not.toContain("Also open:");
    // The launcher replaces itself: the process that was started is the hub.
    const response = await fetch(`http://127.0.0.1:${port}/api/ops/v1/status`);
    const status = (await response.json()) as HubStatus;
    expect(status.hub.pid).toBe(first.child.pid);

    const sameFolder = await up(...QUIET).ended;
    expect(sameFolder.code).toBe(0);
    expect(sameFolder.output).toContain(`Dashboard running at http://localhost:${port}\n`);
    expect(sameFolder.output).toContain(`pid ${first.child.pid}`);
    const withPort = await up("--port", port, "--no-aliases").ended;
    expect([withPort.code, withPort.output]).toEqual([0, sameFolder.output]);
    const elsewhere = await up("--port", "1", "--no-aliases").ended;
    expect(elsewhere.code).toBe(0);
    expect(elsewhere.output).toContain("It is not on port 1: to have it there, stop it first");
    expect(elsewhere.output).not.toContain("does not take");
    const config = join(folder, "other.yaml");
    writeFileSync(config, "");
    const others = await up(...QUIET, "--demo", "--config", config).ended;
    expect(others.code).toBe(0);
    expect(others.output).toContain(
      `does not take --demo, --config ${config}: for that, stop it first (kill ${first.child.pid}).`,
    );

    first.child.kill("SIGINT");
    expect((await first.ended).code).toBe(0);
  });

  it("does not pass the hub of another folder off as the one that was asked for", async () => {
    const first = up(...QUIET, "--data-dir", "one");
    const output = await first.saying("Ctrl-C stops.");
    const [, port = ""] = /http:\/\/localhost:(\d+)$/m.exec(output) ?? [];
    const other = await up("--port", port, "--data-dir", "two", "--no-aliases").ended;
    expect(other.code).toBe(1);
    expect(other.output).toContain(`Port ${port} belongs to the hub with pid ${first.child.pid}`);
    for (const name of ["one", "two"]) expect(other.output).toContain(join(folder, name));
    expect(other.output).toContain(`hms-ops up --data-dir ${join(folder, "two")} --port `);
    expect(other.output).not.toContain("Dashboard running");
    expect(existsSync(join(folder, "two"))).toBe(false);
    first.child.kill("SIGTERM");
    expect((await first.ended).code).toBe(0);
  });

  it("stops in order while it still starts", async () => {
    const hub = up(...QUIET, "--data-dir", "stopped-early");
    await hub.saying("Dashboard running at");
    hub.child.kill("SIGTERM");
    const { code, output } = await hub.ended;
    expect(output).not.toContain("Error");
    expect(code).toBe(0);
  });

  it("is one hub where two begin at once in a new folder", async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const { port } = holder.address() as AddressInfo;
    await new Promise<void>((resolve) => void holder.close(() => resolve()));
    const flags = ["--port", String(port), "--no-aliases", "--no-discovery"];
    const both = [1, 2].map(() => up(...flags, "--data-dir", "at-once"));
    const firstEnd = await Promise.race(both.map(({ ended }) => ended));
    expect(firstEnd.output).toContain(`Dashboard running at http://localhost:${port}\n`);
    expect(firstEnd.code).toBe(0);
    for (const { child } of both) child.kill("SIGTERM");
    for (const { ended } of both) expect((await ended).code).toBe(0);
  });

  it("writes what it says of its configuration into the log, also in a folder that is new", async () => {
    const config = join(folder, "warns.yaml");
    writeFileSync(config, "rule_files: [rules.yml]\nscrape_configs: []\n");
    const hub = up(...QUIET, "--data-dir", "new/deep", "--config", config);
    const output = await hub.saying("Ctrl-C stops.");
    expect(output).toContain("rule_files of the configuration are not read");
    expect(output).not.toContain("cannot be written");
    hub.child.kill("SIGTERM");
    await hub.ended;
    const log = readFileSync(join(folder, "new/deep/hub.log"), "utf8");
    expect(log).toContain("rule_files of the configuration are not read");
  });

  it("tells all that is wrong in its configuration at once, at the start and at a reload", async () => {
    const config = join(folder, "wrong.yaml");
    const wrong = "globall: {}\nscrape_configs:\n- job_name: a\n  metric_path: /m\n";
    const told = [
      `${config}:1:1: the key globall is not known; did you mean global?`,
      `${config}:4:3: the key metric_path is not known; did you mean metrics_path?`,
    ].join("\n");
    writeFileSync(config, wrong);
    const flags = [...QUIET, "--data-dir", "reloaded", "--config", config];
    expect(await up(...flags).ended).toMatchObject({
      code: 1,
      output: `hms-ops: ${told}\nCorrect the file; nothing of it was taken. (OPS-1646)\n`,
    });

    const targets = join(folder, "targets.yaml");
    writeFileSync(targets, "- targts: []\n  label: {}\n");
    writeFileSync(
      config,
      `scrape_configs: [{job_name: a, file_sd_configs: [{files: [${targets}]}]}]\n`,
    );
    const hub = up(...flags);
    const output = await hub.saying("Ctrl-C stops.");
    expect(output).toContain(`${targets}:1:3: the key targts is not known`);
    expect(output).toContain(`${targets}:2:3: the key label is not known`);
    const [address = ""] = /http:\/\/localhost:\d+/.exec(output) ?? [];
    const at = address.replace("localhost", "127.0.0.1");
    const reload = () => fetch(`${at}/-/reload`, { method: "POST" });
    const afterwards = async () => {
      const runtime = await fetch(`${at}/api/v1/status/runtimeinfo`);
      const { data } = (await runtime.json()) as { data: { reloadConfigSuccess: boolean } };
      const status = (await (await fetch(`${at}/api/ops/v1/status`)).json()) as HubStatus;
      const metrics = await (await fetch(`${at}/metrics`)).text();
      const [, figure] = /^hms_ops_config_last_reload_successful (\d)$/m.exec(metrics) ?? [];
      return [data.reloadConfigSuccess, figure, status.refusals];
    };
    const good = readFileSync(config, "utf8");
    writeFileSync(config, wrong);
    const refused = await reload();
    expect([refused.status, await refused.text()]).toEqual([500, expect.stringContaining(told)]);
    const refusal = { part: "configuration", reason: told, mend: expect.any(String) };
    expect(await afterwards()).toEqual([false, "0", [refusal]]);
    writeFileSync(config, good);
    expect((await reload()).status).toBe(200);
    expect(await afterwards()).toEqual([true, "1", []]);
    hub.child.kill("SIGTERM");
    expect((await hub.ended).code).toBe(0);
  });

  it("starts with features that are another's, and names one that is nobody's", async () => {
    const features = ["--enable-feature", "native-histograms,promql-experimental-functons"];
    const hub = up(...QUIET, "--data-dir", "features", ...features);
    const output = await hub.saying("Ctrl-C stops.");
    expect(output).toMatch(
      /^\{.*--enable-feature names what neither HMS-OPS nor Prometheus has.*$/m,
    );
    expect(output).toContain('"names":["promql-experimental-functons"]');
    expect(output).toContain("Did you mean promql-experimental-functions?");
    hub.child.kill("SIGTERM");
    await hub.ended;
  });

  it("starts again after a kill, with what was acknowledged", async () => {
    const dataDir = ["--data-dir", "killed"];
    const first = up(...QUIET, ...dataDir);
    const [address = ""] = /http:\/\/localhost:\d+/.exec(await first.saying("Ctrl-C")) ?? [];
    const at = address.replace("localhost", "127.0.0.1");
    await fetch(`${at}/ingest`, { method: "POST", body: "kept 7\n" });
    first.child.kill("SIGKILL");
    await first.ended;
    const second = up(...QUIET, ...dataDir);
    const [again = ""] = /http:\/\/localhost:\d+/.exec(await second.saying("Ctrl-C")) ?? [];
    const answer = await fetch(`${again.replace("localhost", "127.0.0.1")}/query?q=kept`);
    expect(await answer.text()).toBe("7\n");
    second.child.kill("SIGTERM");
    expect((await second.ended).code).toBe(0);
  });

  it("says who holds a taken port and offers a free one", async () => {
    const holder = createServer((_, response) => response.end("something else"));
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const { port } = holder.address() as AddressInfo;
    const { code, output } = await up("--port", String(port), "--data-dir", "taken").ended;
    holder.close();
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} is taken by`);
    expect(output).toContain(`(pid ${process.pid})`);
    expect(output).toMatch(/hms-ops up --port \d+/);
    expect(existsSync(join(folder, "taken"))).toBe(false);
  });

  it("refuses wrong flags with a guess, and other addresses without a token", async () => {
    const wrong = await up("--prot", "1").ended;
    expect([wrong.code, wrong.output]).toEqual([2, expect.stringContaining("--port?")]);
    const help = await up("--help").ended;
    expect([help.code, help.output]).toEqual([0, expect.stringContaining("Examples:")]);
    const open = await up("--host", "0.0.0.0", "--port", "0").ended;
    expect([open.code, open.output]).toEqual([1, expect.stringContaining("OPS-1606")]);
    const config = await up("--config", "absent.yaml").ended;
    expect([config.code, config.output]).toEqual([1, expect.stringContaining("absent.yaml")]);
  });
});
