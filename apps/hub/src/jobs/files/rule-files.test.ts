import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RuleGroup, readRuleFile } from "@hms-ops/control";
import { shippedRules } from "@hms-ops/layers";
import { FakeClock } from "@hms-ops/model/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SelfMetricsRegistry } from "../../self/registry.ts";
import { FakeDocuments, silentLog } from "../rules/testing/fakes.ts";
import { RuleFiles } from "./index.ts";

const GOOD = "alert: Slow\nexpr: latency_ms > 400\nfor: 5m\n";
const SHIPPED = [
  {
    file: "shipped/a.yaml",
    text: "groups: [{name: a, rules: [{alert: Slow, expr: up == 0}, {alert: Down, expr: up == 0}]}]",
  },
];

let root = "";
let documents = new FakeDocuments();
let figures = new SelfMetricsRegistry();
let applied: (readonly RuleGroup[])[] = [];
let files: RuleFiles;

const wasTaken = () =>
  figures
    .families()
    .find(({ name }) => name === "hms_ops_rule_files_last_reload_successful")
    ?.samples.map(({ value }) => value);
const folder = () => join(root, "alerts");
const put = (name: string, text: string) => writeFile(join(folder(), name), text);
const names = () => files.groups.flatMap(({ rules }) => rules.map(({ name }) => name));

function open(shipped: typeof SHIPPED = []) {
  files = new RuleFiles(
    { clock: new FakeClock(), log: silentLog, metrics: figures, documents },
    {
      folder: folder(),
      shipped,
      context: () => ({
        catalog: { exists: async () => false },
        directory: { contacts: {}, environment: {} },
        hasDefaultReceivers: true,
      }),
      apply: async (groups) => void applied.push(groups),
    },
  );
  return files.start();
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "hms-ops-rules-"));
  await mkdir(folder());
  documents = new FakeDocuments();
  figures = new SelfMetricsRegistry();
  applied = [];
});

afterEach(async () => {
  await files.stop();
  await rm(root, { recursive: true, force: true });
});

describe("alerts/", () => {
  it("is read at the start and again when a file changes", async () => {
    await put("slow.yml", GOOD);
    await open();
    expect(names()).toEqual(["Slow"]);
    await put("more.yaml", "alert: More\nexpr: up\n");
    await files.checkNow();
    expect(names()).toEqual(["More", "Slow"]);
    await rm(join(folder(), "slow.yml"));
    await files.checkNow();
    expect(names()).toEqual(["More"]);
    await files.checkNow();
    expect(applied).toHaveLength(3);
  });

  it("tells of a change by itself, or is polled", async () => {
    const clock = new FakeClock();
    files = new RuleFiles(
      { clock, log: silentLog, metrics: figures, documents },
      {
        folder: folder(),
        shipped: [],
        context: () => ({
          catalog: { exists: async () => false },
          directory: { contacts: {}, environment: {} },
          hasDefaultReceivers: true,
        }),
        apply: async () => {},
      },
    );
    await files.start();
    await put("slow.yml", GOOD);
    await clock.advance(1_000);
    await vi.waitFor(() => expect(names()).toEqual(["Slow"]), { timeout: 10_000 });
  });

  it("may be made later, or not at all", async () => {
    await rm(folder(), { recursive: true });
    await open();
    expect(names()).toEqual([]);
    await mkdir(folder());
    await put("slow.yml", GOOD);
    await files.checkNow();
    expect(names()).toEqual(["Slow"]);
  });

  it("keeps the good set when a file is bad, and names the line", async () => {
    await put("slow.yml", GOOD);
    await open();
    await put("slow.yml", "alert: Slow\nexpr: latency_ms >\n");
    await put("more.yml", "alert: More\nexpr: up\n");
    const report = await files.reload();
    expect(report).toMatchObject({ ok: false, added: [], unchanged: 0 });
    expect(report.problems).toMatchObject([
      { file: "alerts/slow.yml", line: 2, severity: "error", code: "OPS-1407" },
    ]);
    expect(names()).toEqual(["Slow"]);
  });

  it("tells as long as a file is bad, and no longer", async () => {
    await put("slow.yml", GOOD);
    await open();
    expect(wasTaken()).toEqual([1]);
    await put("bad.yml", "alert: Bad\nexpr: rate(up[5m] > 1\n");
    await files.checkNow();
    await files.checkNow();
    expect(wasTaken()).toEqual([0]);
    expect(files.problems).toMatchObject([{ file: "alerts/bad.yml", line: 2, severity: "error" }]);
    await put("bad.yml", "alert: Bad\nexpr: rate(up[5m]) > 1\n");
    await files.checkNow();
    expect(wasTaken()).toEqual([1]);
    expect(files.problems.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it("says what a reload changed", async () => {
    await put("slow.yml", GOOD);
    await open();
    await put("slow.yml", GOOD.replace("5m", "1m"));
    await put("more.yml", "alert: More\nexpr: up\n");
    expect(await files.reload()).toMatchObject({
      ok: true,
      added: ["More"],
      changed: ["Slow"],
      removed: [],
      unchanged: 0,
    });
  });

  it("starts with the last good text of a file that became bad while the hub was down", async () => {
    await put("slow.yml", GOOD);
    await open();
    await files.stop();
    await put("slow.yml", "alert: Slow\n");
    await put("more.yml", "alert: More\nexpr: up\n");
    await open();
    expect(names()).toEqual(["More", "Slow"]);
    expect(files.problems).toMatchObject([{ file: "alerts/slow.yml", code: "OPS-1404" }]);
  });
});

describe("uploaded rules", () => {
  const upload = {
    file: "alert_rules.yaml",
    text: "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up}\n",
  };

  it("are kept across a restart, replaced and removed by name", async () => {
    await open();
    expect(await files.upload(upload)).toMatchObject({ ok: true, added: ["A"] });
    expect(files.groups[0]?.file).toBe("uploaded: alert_rules.yaml");
    await files.stop();
    await open();
    expect(names()).toEqual(["A"]);
    const text = upload.text.replace("alert: A", "alert: B");
    expect(await files.upload({ ...upload, text })).toMatchObject({ added: ["B"], removed: ["A"] });
    expect(await files.remove(upload.file)).toMatchObject({ ok: true, removed: ["B"] });
    expect(await documents.list("uploaded-rules")).toEqual([]);
    expect(names()).toEqual([]);
  });

  it("are refused whole when they are bad, or when an alert has another origin too", async () => {
    await put("a.yml", "alert: A\nexpr: up\n");
    await open();
    const report = await files.upload(upload);
    expect(report.ok).toBe(false);
    expect(report.problems).toMatchObject([
      { file: "uploaded: alert_rules.yaml", line: 4, code: "OPS-1412" },
    ]);
    expect(await documents.list("uploaded-rules")).toEqual([]);
    expect(names()).toEqual(["A"]);
    // What was refused is not there: the files that are there are all right.
    expect(files.problems.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(wasTaken()).toEqual([1]);
  });

  it("that are refused do not hide a change in alerts/", async () => {
    await open();
    await put("a.yml", "alert: A\nexpr: up\n");
    expect((await files.upload({ file: "bad.yml", text: "alert: B\n" })).ok).toBe(false);
    await files.checkNow();
    expect(names()).toEqual(["A"]);
  });

  it("can be removed only by a name that is kept, and then even where a file came to clash", async () => {
    await put("b.yml", "alert: B\nexpr: up\n");
    await open();
    await expect(files.remove("a.yml")).rejects.toMatchObject({
      code: "OPS-1428",
      mend: "None is: nothing was uploaded.",
    });
    await files.upload(upload);
    await expect(files.remove("b.yml")).rejects.toMatchObject({
      mend: "There is: alert_rules.yaml.",
    });
    await files.stop();
    await put("b.yml", "alert: A\nexpr: up\n");
    await open();
    expect(files.problems).toMatchObject([{ code: "OPS-1412" }]);
    expect(await files.remove(upload.file)).toMatchObject({ ok: true });
    expect(names()).toEqual(["A"]);
  });

  it("can be checked without being kept", async () => {
    await open();
    expect(await files.check(upload)).toMatchObject({ ok: true, added: ["A"] });
    expect(names()).toEqual([]);
    const bad = await files.check({ file: "x.yml", text: "alert: A\nexrp: up\n" });
    expect(bad.problems.map(({ code }) => code)).toEqual(["OPS-1403", "OPS-1404"]);
  });
});

describe("shipped rules", () => {
  it("give way to a written alert of the same name", async () => {
    await put("slow.yml", GOOD);
    await open(SHIPPED);
    expect(names()).toEqual(["Down", "Slow"]);
    expect(files.groups.map(({ file }) => file)).toEqual(["shipped/a.yaml", "alerts/slow.yml"]);
  });

  it("are all readable, and warn of nothing where somebody is told", async () => {
    await open();
    for (const { file, text } of shippedRules) {
      const { groups, problems } = await readRuleFile(text, file, { hasDefaultReceivers: true });
      expect(problems).toEqual([]);
      expect(groups).toHaveLength(1);
    }
  });
});
