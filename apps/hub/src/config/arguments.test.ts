import { describe, expect, it } from "vitest";
import { flagsNotTaken, parseArguments } from "./arguments.ts";

function options(...words: string[]) {
  const parsed = parseArguments(words);
  if (parsed.kind !== "up") throw new Error(`not read: ${JSON.stringify(parsed)}`);
  return parsed.options;
}

function complaint(...words: string[]): string {
  const parsed = parseArguments(words);
  return parsed.kind === "wrong" ? parsed.message : "";
}

describe("parseArguments", () => {
  it("has a default for everything", () => {
    expect(options()).toMatchObject({
      host: "",
      port: 9090,
      dataDir: "./hms-ops-data",
      aliases: true,
      discovery: true,
      demo: false,
      retentionMs: 396 * 86_400_000,
      retentionSize: { share: 0.8 },
    });
  });

  it("takes values after a blank or an equals sign", () => {
    expect(options("--port", "0", "--data-dir=/tmp/x", "--demo", "--no-aliases")).toMatchObject({
      port: 0,
      dataDir: "/tmp/x",
      demo: true,
      aliases: false,
    });
    expect(options("--enable-feature=a,b", "--enable-feature", "c").features).toEqual([
      "a",
      "b",
      "c",
    ]);
    expect(options("--retention", "200y").retentionMs).toBe(200 * 365 * 86_400_000);
    expect(options("--retention-size", "1.5GB").retentionSize).toEqual({ bytes: 1.5 * 2 ** 30 });
  });

  it("says the flags that hold, as texts", () => {
    const parsed = parseArguments(["--port=1"]);
    expect(parsed).toMatchObject({ flags: { port: "1", demo: "false", retention: "396d" } });
  });

  it("guesses what an unknown flag was meant to be", () => {
    expect(complaint("--prot", "1")).toContain("Did you mean --port?");
    expect(complaint("--storage.tsdb.path")).not.toContain("Did you mean");
    expect(complaint("extra")).toContain("does not know extra");
  });

  it("refuses values that cannot be", () => {
    expect(complaint("--port", "99999")).toContain("0 to 65535");
    expect(complaint("--port")).toContain("needs a value");
    expect(complaint("--retention=soon")).toContain("is no time");
    for (const size of ["much", "0GB", "101%", "-1GB", "5", "1e3MB"]) {
      expect(complaint(`--retention-size=${size}`)).toContain("is no size");
    }
    expect(complaint("--log-level=loud")).toContain("info, warn or error");
    expect(complaint("--demo=yes")).toContain("takes no value");
  });

  it("prints help with examples, and the default receiver, for which there is no flag", () => {
    for (const word of ["--help", "-h"]) {
      expect(parseArguments([word])).toMatchObject({
        kind: "help",
        text: expect.stringMatching(/Examples:[\s\S]*HMS_OPS_WEBHOOK=URL/),
      });
    }
  });
});

describe("flagsNotTaken", () => {
  function notTaken(wanted: readonly string[], running: readonly string[], workingFolder = "/w") {
    const [later, first] = [parseArguments(wanted), parseArguments(running)];
    if (later.kind !== "up" || first.kind !== "up") throw new Error("not read");
    const startedWith = { flags: first.flags, workingFolder: "/w" };
    return flagsNotTaken(later.given, { flags: later.flags, workingFolder }, startedWith);
  }

  it("names what was given and is otherwise with the hub that runs", () => {
    const wanted = ["--demo", "--retention=90d", "--name", "B"];
    expect(notTaken(wanted, ["--retention", "30d", "--name", "A"])).toEqual([
      "--demo",
      "--retention 90d",
      "--name B",
    ]);
    expect(notTaken([], ["--demo", "--name", "A"])).toEqual([]);
  });

  it("names nothing that the hub has, however it was written", () => {
    const running = ["--retention", "48h", "--demo", "--config=a.yaml"];
    expect(notTaken(["--retention=2d", "--demo", "--config", "/w/a.yaml"], running)).toEqual([]);
    expect(notTaken(["--data-dir", "x", "--port", "1"], running)).toEqual([]);
  });

  it("tells files of the same name in two folders apart", () => {
    const words = ["--config", "a.yaml"];
    expect(notTaken(words, words)).toEqual([]);
    expect(notTaken(words, words, "/elsewhere")).toEqual(["--config a.yaml"]);
  });
});
