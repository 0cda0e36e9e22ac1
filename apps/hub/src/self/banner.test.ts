import { expect, test } from "vitest";
import { type BannerFacts, banner } from "./banner.ts";

const QUIET: BannerFacts = {
  port: 9090,
  dataDir: "/d",
  logFile: "/d/hub.log",
  aliasPorts: [],
  failures: [],
  services: () => [],
};

function lines(facts: Partial<BannerFacts>): readonly string[] {
  return banner({ ...QUIET, ...facts }, { demo: false }).split("\n");
}

test("the usual port alone needs no word about ports", () => {
  expect(lines({})).toEqual([
    "Data in /d, log in /d/hub.log",
    expect.stringMatching(/^Found: this machine/),
    expect.stringMatching(/^Next: /),
    "Ctrl-C stops.",
  ]);
});

test("other ports that are open, or taken, are named with how to do without", () => {
  const failures = [{ port: 9093 }, { port: 9093 }];
  const said = lines({ aliasPorts: [3000, 9091, 9093], failures });
  expect(said[0]).toBe("Also open: 3000, 9091 (other names of this port; not with --no-aliases)");
  expect(said).toContain("Taken: 9093 (other names of this port; nothing is lost)");
});

test("another port than the usual one comes with what the commands need", () => {
  expect(lines({ port: 9490 })[0]).toBe("CLI: export HMS_OPS_URL=http://127.0.0.1:9490");
});
