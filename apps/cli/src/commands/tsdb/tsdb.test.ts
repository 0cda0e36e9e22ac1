import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { lockFolder, openDocuments } from "@hms-ops/stores/documents";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../../exit-codes.ts";
import { runWords } from "../../run.test.tools.ts";

const HMS_OPS = fileURLToPath(new URL("../../../bin/hms-ops", import.meta.url));
const TEXT = Array.from(
  { length: 200 },
  (_, i) => `claims_total{job="ach",n="${i % 4}"} ${i} ${1_790_000_000 + 15 * Math.floor(i / 4)}\n`,
).join("");

let folder = "";
let data = "";
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hms-ops-cli-tsdb-"));
  data = join(folder, "hms-ops-data");
});

afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function run(...words: string[]) {
  return runWords(["tsdb", ...words]);
}

function file(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function filled(): Promise<void> {
  const { code, out } = await run("import", file("in.om", `${TEXT}# EOF\n`), "--into", data);
  expect({ code, out }).toEqual({ code: EXIT.ok, out: "200 samples are in the store\n" });
}

function oneBlock(): string {
  const [name = ""] = readdirSync(join(data, "tsdb/blocks"));
  return join(data, "tsdb/blocks", name);
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

describe("hms-ops tsdb", () => {
  it("lists its commands, and guesses what was meant", async () => {
    expect((await run()).out).toContain("tsdb restore");
    expect((await run("--help")).out).toContain("tsdb import");
    expect(await run("exprot")).toMatchObject({
      code: EXIT.usage,
      said: expect.stringContaining("hms-ops tsdb export"),
    });
  });

  it("inspects and analyzes a folder", async () => {
    await filled();
    expect((await run("inspect", data)).out).toMatch(/blocks {2}1: 200 samples/);
    const { out } = await run("inspect", data, "-o", "json");
    expect(JSON.parse(out).blocks).toMatchObject([{ sampleCount: 200, seriesCount: 4 }]);
    expect((await run("analyze", join(data, "tsdb"))).out).toMatch(/claims_total +4/);
    const found = JSON.parse((await run("analyze", data, "-o", "json", "--limit", "1")).out);
    expect(found.seriesByMetric).toEqual([{ name: "claims_total", value: 4 }]);
  });

  it("takes --data-dir for the folder, but not both", async () => {
    await filled();
    const { out } = await run("export", data);
    expect(await run("export", "--data-dir", data)).toMatchObject({ code: EXIT.ok, out });
    for (const name of ["inspect", "analyze", "verify", "repair"]) {
      expect(await run(name, "--data-dir", data)).toMatchObject({ code: EXIT.ok });
    }
    expect((await run("verify", data, "--data-dir", data)).code).toBe(EXIT.usage);
  });

  it("says where no store is", async () => {
    const { code, said } = await run("inspect", folder);
    expect(code).toBe(EXIT.failure);
    expect(said).toContain("OPS-1330");
  });

  it("says it where the system refuses a path, of a file in place of a folder too", async () => {
    const path = file("no-folder", "x");
    for (const words of [["inspect"], ["verify"], ["repair"], ["restore", path]]) {
      const { code, said } = await run(...words, path);
      expect({ words, code, said }).toMatchObject({
        code: EXIT.failure,
        said: expect.stringMatching(/the system refused: E[A-Z]+: .*no-folder.*\(OPS-1709\)\n/),
      });
    }
  });

  it.runIf(process.platform === "linux")(
    "ends where the system knows no new folders, instead of trying for ever",
    async () => {
      await filled();
      const backup = join(folder, "backup");
      expect((await run("backup", backup, "--data-dir", data)).code).toBe(EXIT.ok);
      const commands = [
        ["import", join(folder, "in.om"), "--into", "/proc/hms-ops"],
        ["backup", "/proc/hms-ops", "--data-dir", data],
        ["restore", backup, "/proc/hms-ops"],
        ["repair", "/proc/hms-ops/data"],
      ];
      for (const words of commands) {
        // A process of its own: one that tries for ever can only be killed.
        const hang = { encoding: "utf8", timeout: 20_000, killSignal: "SIGKILL" } as const;
        const { status, stderr } = spawnSync(HMS_OPS, ["tsdb", ...words], hang);
        expect([words[0], status]).toEqual([words[0], EXIT.failure]);
        expect(stderr).toContain("mkdir '/proc/hms-ops");
      }
    },
    90_000,
  );

  it("verifies, and repairs what is damaged", async () => {
    await filled();
    expect(await run("verify", data)).toMatchObject({ code: EXIT.ok });
    const block = oneBlock();
    flip(join(block, "chunks"), 60);
    const found = await run("verify", data);
    expect(found.code).toBe(EXIT.findings);
    expect(found.out).toContain("DAMAGED");
    const planned = await run("repair", data, "--dry-run");
    expect(planned.out).toContain(`would move ${block} to `);
    expect(existsSync(block)).toBe(true);
    expect(planned.out).toContain("would be lost");
    expect(planned.code).toBe(EXIT.findings);
    const repaired = await run("repair", data);
    expect(repaired.code).toBe(EXIT.findings);
    expect(repaired.out).toContain("set aside");
    const [, lost = 0] = /LOST: (\d+) of 200 samples of/.exec(repaired.out) ?? [];
    const [, saved = 0] = /(\d+) of 200 samples saved/.exec(repaired.out) ?? [];
    expect(Number(lost) + Number(saved)).toBe(200);
    expect(await run("repair", data)).toEqual({
      code: EXIT.ok,
      out: "Nothing is damaged.\n",
      said: "",
    });
    expect(await run("verify", data)).toMatchObject({ code: EXIT.ok });
  });

  it("tells of a block that a hub set aside, until it is repaired", async () => {
    await filled();
    const block = oneBlock();
    flip(join(block, "chunks"), 60);
    mkdirSync(join(data, "tsdb/aside"), { recursive: true });
    renameSync(block, join(data, "tsdb/aside", basename(block)));
    const found = await run("verify", data);
    expect(found.code).toBe(EXIT.findings);
    expect(found.out).toContain(`aside/${basename(block)}: DAMAGED and set aside, 200 samples`);
    expect(found.out).toContain("There is damage");
    await run("repair", data);
    expect(await run("verify", data)).toMatchObject({ code: EXIT.ok });
  });

  it("keeps off a folder that a hub holds", async () => {
    await filled();
    const lock = lockFolder(join(data, "lock.db"));
    writeFileSync(join(data, "running.json"), '{"pid":4711,"url":"http://127.0.0.1:1"}');
    const refused = await run("repair", data);
    expect(refused.code).toBe(EXIT.failure);
    expect(refused.said).toContain("in use by a hub (pid 4711) (OPS-1705)");
    expect((await run("import", join(folder, "in.om"), "--into", data)).said).toContain("OPS-1705");
    const looked = await run("inspect", data);
    expect(looked).toMatchObject({ code: EXIT.ok, said: expect.stringContaining("A hub runs") });
    expect((await run("export", data)).code).toBe(EXIT.unreachable);
    rmSync(join(data, "running.json"));
    expect((await run("export", data)).said).toContain("OPS-1705");
    lock?.release();
  });

  it("exports what was imported, filtered, to a file or to standard output", async () => {
    await filled();
    const { out, said } = await run("export", data, "--format", "openmetrics");
    expect(out.trimEnd().split("\n")).toHaveLength(201);
    expect(said).toBe("200 samples of 4 series\n");
    const from = "1790000300";
    const flags = ["--match", 'claims_total{n="1"}', "--from", from, "--to", "1790000315"];
    const path = join(folder, "out.jsonl");
    await run("export", data, ...flags, "--out", path);
    expect(readFileSync(path, "utf8")).toBe(
      '{"metric":{"__name__":"claims_total","job":"ach","n":"1"},"values":[81,85],"timestamps":[1790000300000,1790000315000]}\n',
    );
    const other = join(folder, "other");
    expect((await run("import", path, "--into", other)).out).toMatch(/^2 samples/);
    const bad = await run("export", data, "--match", "{");
    expect(bad.code).toBe(EXIT.usage);
    expect((await run("export", data, "--from", "noon")).code).toBe(EXIT.usage);
    const full = await run("export", data, "--out", join(folder, "absent", "x"));
    expect(full.said).toContain("OPS-1708");
  });

  it("leaves an older export as it is where there is no store", async () => {
    const older = file("older.jsonl", "kept");
    expect((await run("export", join(folder, "absent"), "--out", older)).code).toBe(EXIT.failure);
    expect(readFileSync(older, "utf8")).toBe("kept");
  });

  it("imports packed files and standard forms, and tells bad lines", async () => {
    const packed = file("in.om.gz", gzipSync(`${TEXT}# EOF\n`));
    expect((await run("import", packed, "--into", data)).said).toContain("--format");
    expect(await run("import", packed, "--format", "openmetrics", "--into", data)).toMatchObject({
      code: EXIT.ok,
    });
    const bad = file("bad.txt", "a 1 1790000000000\nb{ 2\nc 3\n");
    const { code, out } = await run("import", bad, "--into", join(folder, "b"));
    expect(code).toBe(EXIT.findings);
    expect(out).toContain("line 2:");
    const rules = file("rules.yml", "groups:\n  - name: claims\n    rules: []\n");
    expect(await run("import", rules, "--into", join(folder, "c"))).toMatchObject({
      code: EXIT.findings,
      said: expect.stringContaining("rules.yml could be read as a sample"),
    });
    expect((await run("import", join(folder, "nothing"), "--into", data)).said).toContain("1703");
    mkdirSync(join(folder, "empty"));
    expect((await run("import", join(folder, "empty"))).code).toBe(EXIT.usage);
  });

  it("says it where a packed file cannot be unpacked", async () => {
    const whole = gzipSync(`${TEXT}# EOF\n`);
    for (const bytes of [Buffer.from("no gzip"), whole.subarray(0, whole.length - 20)]) {
      const words = [file("in.om.gz", bytes), "--format", "openmetrics", "--into", data];
      const { code, said } = await run("import", ...words);
      expect(code).toBe(EXIT.failure);
      expect(said).toMatch(/cannot read .*in\.om\.gz: .+ \(OPS-1703\)\n/);
    }
  });

  it("backs up samples and documents, and restores them into a new folder only", async () => {
    await filled();
    const documents = openDocuments(join(data, "control.db"));
    await documents.write([{ collection: "rules", id: "a", value: { expr: "up" } }]);
    await documents.close();
    writeFileSync(join(data, "meta.json"), '{"formatVersion":1}\n');
    const to = join(folder, "backups");
    const first = JSON.parse(
      (await run("backup", to, "--data-dir", data, "-o", "json", "--keep", "1")).out,
    );
    expect(first).toMatchObject({ blocks: 1, unchangedBlocks: 0, samples: 200, damaged: [] });
    const target = join(folder, "restored");
    expect(await run("restore", to, target)).toMatchObject({ code: EXIT.ok });
    expect(await run("verify", target)).toMatchObject({ code: EXIT.ok });
    const restored = openDocuments(join(target, "control.db"));
    expect(await restored.get("rules", "a")).toEqual({ expr: "up" });
    await restored.close();
    expect((await run("export", target)).out).toBe((await run("export", data)).out);
    expect((await run("restore", to, target)).said).toContain("OPS-1333");
    expect(statSync(target).mode & 0o777).toBe(0o700);
  });

  it("backs up no folder without a store, and removes nothing then", async () => {
    await filled();
    const to = join(folder, "backups");
    expect(await run("backup", to, "--data-dir", data)).toMatchObject({ code: EXIT.ok });
    const before = readdirSync(to);
    const elsewhere = join(folder, "elsewhere");
    const refused = await run("backup", to, "--data-dir", elsewhere, "--keep", "1");
    expect(refused.code).toBe(EXIT.failure);
    expect(refused.said).toContain("OPS-1330");
    expect(readdirSync(to)).toEqual(before);
  });

  it("leaves no folder of a backup that failed, and takes none away that was there", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    for (const to of [join(folder, "new/deep"), empty]) {
      const failed = await run("backup", to, "--data-dir", join(folder, "absent"));
      expect(failed.said).toContain("--data-dir hms-ops-data");
    }
    expect(readdirSync(folder)).toEqual(["empty"]);
    await filled();
    writeFileSync(join(data, "control.db"), "no database, but something that is as long");
    const damaged = await run("backup", join(folder, "new"), "--data-dir", data);
    expect(damaged.said).toContain("OPS-1707");
    expect(readdirSync(folder).sort()).toEqual(["empty", "hms-ops-data", "in.om"]);
  });

  it("backs up into no data folder, not by another name of it either", async () => {
    await filled();
    const link = join(folder, "link");
    symlinkSync(join(data, "tsdb"), link);
    const other = join(folder, "other");
    mkdirSync(join(other, "tsdb"), { recursive: true });
    writeFileSync(join(other, "meta.json"), "{}");
    const before = readdirSync(data, { recursive: true }).sort();
    const inside = [data, join(data, "backups"), join(data, "tsdb/blocks"), join(link, "b/c")];
    for (const to of [...inside, join(other, "backups")]) {
      const refused = await run("backup", to, "--data-dir", data);
      const said = expect.stringMatching(/lies in .*: a backup there would .*\(OPS-1711\)/);
      expect({ to, ...refused }).toMatchObject({ to, code: EXIT.failure, said });
    }
    expect(await run("backup", data, "--data-dir", join(data, "tsdb"))).toMatchObject({
      code: EXIT.failure,
      said: expect.stringContaining("OPS-1711"),
    });
    expect(readdirSync(data, { recursive: true }).sort()).toEqual(before);
    expect(readdirSync(other)).toEqual(["meta.json", "tsdb"]);
  });

  it("says that a backup is empty, and removes no good one for it", async () => {
    await filled();
    const to = join(folder, "backups");
    await run("backup", to, "--data-dir", data);
    const [good = ""] = readdirSync(to);
    const empty = join(folder, "empty");
    mkdirSync(join(empty, "tsdb/blocks"), { recursive: true });
    const made = await run("backup", to, "--data-dir", empty, "--keep", "1");
    expect(made.code).toBe(EXIT.findings);
    expect(made.out).toContain("EMPTY");
    expect(readdirSync(to)).toHaveLength(2);
    expect(readdirSync(to)).toContain(good);
    for (const words of [
      ["verify", to],
      ["restore", to, join(folder, "restored")],
    ]) {
      const { code, out } = await run(...words);
      expect(code).toBe(EXIT.findings);
      expect(out).toContain("EMPTY");
    }
  });

  it("restores a damaged block as it is, and says how much of it can be read", async () => {
    await filled();
    flip(join(oneBlock(), "chunks"), 60);
    const to = join(folder, "backups");
    expect(await run("backup", to, "--data-dir", data)).toMatchObject({ code: EXIT.findings });
    const { code, out } = await run("restore", to, join(folder, "restored"));
    expect(code).toBe(EXIT.findings);
    expect(out).toMatch(/DAMAGED before it was backed up: \S+: \d+ of 200 samples can be read/);
  });

  it("verifies a backup without leaving a trace in it", async () => {
    await filled();
    await openDocuments(join(data, "control.db")).close();
    const to = join(folder, "backups");
    await run("backup", to, "--data-dir", data);
    const before = readdirSync(to, { recursive: true }).sort();
    expect(await run("verify", to)).toMatchObject({ code: EXIT.ok });
    expect(readdirSync(to, { recursive: true }).sort()).toEqual(before);
  });
});

describe("hms-ops tsdb import into a hub", () => {
  async function startServer(answer: (attempt: number) => [status: number, written: string]) {
    let attempts = 0;
    server = createServer((request, response) => {
      request.resume().on("end", () => {
        const [status, written] = answer(++attempts);
        response.statusCode = status;
        response.setHeader("x-prometheus-remote-write-samples-written", written);
        response.setHeader("x-prometheus-remote-write-histograms-written", "0");
        response.end(
          status === 400 ? "stored 150 samples; refused: 50 too-old (claims_total …)\n" : "",
        );
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it("tries again while the hub is busy, and counts what it took", async () => {
    const url = await startServer((attempt) => (attempt < 2 ? [503, "0"] : [204, "200"]));
    const from = file("in.om", `${TEXT}# EOF\n`);
    expect(await run("import", from, "--url", url)).toMatchObject({
      code: EXIT.ok,
      out: "200 samples are in the store\n",
    });
  });

  it("tells what the hub refused, and why", async () => {
    const url = await startServer(() => [400, "150"]);
    const { code, out } = await run("import", file("in.om", `${TEXT}# EOF\n`), "--url", url);
    expect(code).toBe(EXIT.findings);
    expect(out).toContain("50 refused, too-old: 50 too-old (claims_total …)");
  });
});
