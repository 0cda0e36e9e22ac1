import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT_CONFIG, loadConfig, readConfig } from "./config-file.ts";

function problemsOf(text: string): readonly string[] {
  return readConfig(text, "/etc/hms/hms-ops.yaml").problems.map(
    ({ line, column, severity, message }) => `${line}:${column} ${severity}: ${message}`,
  );
}

test("an empty file is the defaults", () => {
  expect(readConfig("# nothing\n", "x.yaml")).toEqual({ config: DEFAULT_CONFIG, problems: [] });
});

test("a prometheus.yml is read as it is", () => {
  const { config, problems } = readConfig(
    `scrape_configs:
  - job_name: node
    static_configs:
      - targets: ["127.0.0.1:9100", 'other:9100']
        labels: {zone: east, rank: 1}
  - job_name: refunds
    scrape_interval: 5s
    metrics_path: /probe
    scheme: https
    params: {module: [http_2xx]}
    honor_labels: true
    honor_timestamps: false
    sample_limit: 1000
    label_limit: 30
    body_size_limit: 10MB
    basic_auth: {username: irs, password_file: secrets/password}
    file_sd_configs:
      - files: [targets/*.json]
        refresh_interval: 1m
    relabel_configs:
      - source_labels: [__address__]
        regex: (.*):.*
        target_label: host
    metric_relabel_configs:
      - {action: drop, source_labels: [__name__], regex: go_.*}
    tls_config: {ca_file: ca.pem, insecure_skip_verify: true}
global:
  scrape_interval: 30s
  evaluation_interval: 20s
  external_labels: {site: dc1}
  smtp_smarthost: mail:25
rule_files: [alerts/*.yml]
route: {receiver: ops}
receivers: [{name: ops}]
`,
    "/etc/hms/hms-ops.yaml",
  );
  expect(problems).toEqual([]);
  expect(config).toMatchObject({
    scrapeIntervalMs: 30_000,
    scrapeTimeoutMs: 10_000,
    evaluationIntervalMs: 20_000,
    subqueryStepMs: 20_000,
    externalLabels: ["site", "dc1"],
    ruleFiles: ["/etc/hms/alerts/*.yml"],
    alerting: {
      route: { receiver: "ops" },
      receivers: [{ name: "ops" }],
      global: { smtp_smarthost: "mail:25" },
    },
  });
  const [node, refunds] = config?.scrapeConfigs ?? [];
  expect(node).toMatchObject({
    jobName: "node",
    scrapeIntervalMs: 30_000,
    scheme: "http",
    metricsPath: "/metrics",
    honorTimestamps: true,
    staticConfigs: [
      { targets: ["127.0.0.1:9100", "other:9100"], labels: ["rank", "1", "zone", "east"] },
    ],
  });
  expect(refunds).toMatchObject({
    scrapeIntervalMs: 5_000,
    scrapeTimeoutMs: 5_000,
    params: { module: ["http_2xx"] },
    honorLabels: true,
    honorTimestamps: false,
    sampleLimit: 1_000,
    bodySizeLimit: 10 * 1_024 * 1_024,
    labelLimits: { count: 30, nameLength: 0, valueLength: 0 },
    fileSdConfigs: [{ files: ["/etc/hms/targets/*.json"], refreshIntervalMs: 60_000 }],
    relabelConfigs: [
      { action: "replace", regex: "(.*):.*", targetLabel: "host", replacement: "$1" },
    ],
    metricRelabelConfigs: [{ action: "drop", regex: "go_.*" }],
    http: {
      username: "irs",
      passwordFile: "/etc/hms/secrets/password",
      tls: { caFile: "/etc/hms/ca.pem", insecureSkipVerify: true },
    },
  });
});

test("unknown keys are errors with their place and a suggestion", () => {
  expect(problemsOf("scrape_config:\n  - job_name: x\n")).toEqual([
    "1:1 error: the key scrape_config is not known; did you mean scrape_configs?",
  ]);
  expect(
    problemsOf("scrape_configs:\n  - job_name: x\n    metric_path: /m\n    colour: red\n"),
  ).toEqual([
    "3:5 error: the key metric_path is not known; did you mean metrics_path?",
    "4:5 error: the key colour is not known",
  ]);
});

test("values that cannot be are errors with their place", () => {
  const job = (lines: string) => problemsOf(`scrape_configs:\n- job_name: x\n  ${lines}\n`);
  expect(job("scrape_interval: often")).toEqual([
    "3:20 error: often is not a duration such as 15s or 1m30s",
  ]);
  expect(job("scheme: gopher")).toEqual(["3:11 error: gopher is none of: http, https"]);
  expect(job("honor_labels: maybe")).toEqual(["3:17 error: true or false belongs here"]);
  expect(job("sample_limit: -1")[0]).toContain("3:17 error: a whole number");
  expect(job("static_configs: {targets: []}")).toEqual(["3:19 error: a list belongs here"]);
  expect(job("relabel_configs: [{action: paint}]")[0]).toContain("paint is none of");
  expect(job("relabel_configs: [{regex: '(', target_label: a}]")[0]).toContain("is not valid");
  expect(job("relabel_configs: [{source_labels: [a]}]")[0]).toContain("needs a target_label");
  expect(job("scrape_timeout: 2m")[0]).toContain("longer than its scrape_interval");
  expect(job("kubernetes_sd_configs: []")).toEqual([
    "3:3 error: kubernetes_sd_configs is not supported; use static_configs or file_sd_configs, " +
      "or let a Prometheus discover and remote_write to this hub",
  ]);
  expect(problemsOf("scrape_configs:\n- {}\n")[0]).toContain("no job_name");
  expect(problemsOf("scrape_configs:\n- job_name: x\n- job_name: x\n")[0]).toContain("two scrape");
  expect(problemsOf("a: [1")[0]).toMatch(/^1:\d+ error/);
});

test("keys without effect here are warnings, aliases are followed", () => {
  const text = `scrape_configs:
  - job_name: a
    static_configs: &shared
      - targets: [a:1]
  - job_name: b
    static_configs: *shared
    enable_http2: false
`;
  const { config, problems } = readConfig(text, "x.yaml");
  expect(problems).toMatchObject([{ severity: "warning", line: 7 }]);
  expect(problemsOf("alerting:\n  alertmanagers: []\nremote_write:\n  - url: http://a/\n")).toEqual(
    [
      "1:1 warning: the key alerting has no effect here; Prometheus knows it",
      "3:1 warning: the key remote_write has no effect here; Prometheus knows it",
    ],
  );
  expect(config?.scrapeConfigs[1]?.staticConfigs[0]?.targets).toEqual(["a:1"]);
});

test("a file on disk is read; a bad or missing one is refused with its place", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hms-ops-config-"));
  const file = join(folder, "hms-ops.yaml");
  await writeFile(file, "global: {scrape_interval: 5s}\n");
  expect((await loadConfig(file)).config.scrapeIntervalMs).toBe(5_000);
  await writeFile(file, "global: {scrape_intervall: 5s}\n");
  await expect(loadConfig(file)).rejects.toMatchObject({
    code: "OPS-1646",
    message: expect.stringContaining(`${file}:1:10:`),
  });
  // Jobs are read after `global`, which stands behind them; they are told in the file's order.
  const jobs = "scrape_configs:\n- job_nam: a\n  colour: red\n";
  await writeFile(file, `${jobs}global: {scrape_intervall: 5s}\nrule_file: []\n`);
  await expect(loadConfig(file)).rejects.toMatchObject({
    message: [
      `${file}:2:3: the key job_nam is not known; did you mean job_name?`,
      `${file}:2:3: the job has no job_name`,
      `${file}:3:3: the key colour is not known`,
      `${file}:4:10: the key scrape_intervall is not known; did you mean scrape_interval?`,
      `${file}:5:1: the key rule_file is not known; did you mean rule_files?`,
    ].join("\n"),
  });
  const many = Array.from({ length: 25 }, (_, i) => `x${i}: 1\n`);
  await writeFile(file, many.join(""));
  const refused = await loadConfig(file).catch((error: Error) => error);
  const lines = String((refused as Error).message).split("\n");
  expect(lines).toHaveLength(21);
  expect(lines.slice(-2)).toEqual([`${file}:20:1: the key x19 is not known`, "and 5 more"]);
  await expect(loadConfig(join(folder, "none.yaml"))).rejects.toMatchObject({ code: "OPS-1645" });
  await rm(folder, { recursive: true });
});

test("discovery works, and is refused, as the guide says", () => {
  const url = new URL("../../../../docs/guides/from-prometheus.md", import.meta.url);
  const [, section = ""] = readFileSync(url, "utf8").split("## 5. ");
  const [, block = ""] = /```yaml title=hms-ops.yaml\n([\s\S]*?)```/.exec(section) ?? [];
  expect(problemsOf(block)).toEqual([]);
  const discoveries = new Set(section.match(/\w+_sd_configs/g));
  const refused = [...discoveries].filter((name) =>
    problemsOf(`scrape_configs:\n- {job_name: x, ${name}: []}\n`).some((problem) =>
      problem.includes(`${name} is not supported`),
    ),
  );
  expect(refused).toHaveLength(4);
  expect([...discoveries].filter((name) => !refused.includes(name))).toEqual(["file_sd_configs"]);
});
