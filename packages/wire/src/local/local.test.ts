import { expect, test } from "vitest";
import { readAnnouncement, runtimeFolderOf } from "./index.ts";

const GOOD = {
  version: 1,
  service: "claims",
  pid: 42,
  url: "http://127.0.0.1:8009/metrics",
  startedAtMs: 1_700_000_000_000,
};

test("an announcement is read; anything that leads off this machine is none", () => {
  const read = (changes: Record<string, unknown>) =>
    readAnnouncement(JSON.stringify({ ...GOOD, ...changes }));
  expect(read({})).toEqual(GOOD);
  expect(read({ url: "http://[::1]:80/m" })).toMatchObject({ url: "http://[::1]:80/m" });
  expect(read({ url: "http://example.com:80/metrics" })).toBeUndefined();
  expect(read({ url: "http://127.0.0.1@example.com:80/" })).toBeUndefined();
  expect(read({ url: "file:///etc/passwd" })).toBeUndefined();
  expect(read({ version: 2 })).toBeUndefined();
  expect(read({ pid: "42" })).toBeUndefined();
  expect(readAnnouncement("{")).toBeUndefined();
  expect(readAnnouncement("null")).toBeUndefined();
});

test("the runtime folder is the named one, the session's, or one of the user's own", () => {
  const folder = (environment: Record<string, string>) =>
    runtimeFolderOf({ environment, tempFolder: "/tmp", userId: 1000 });
  expect(folder({ HMS_OPS_RUNTIME_DIR: "/x", XDG_RUNTIME_DIR: "/run/user/1000" })).toBe("/x");
  expect(folder({ XDG_RUNTIME_DIR: "/run/user/1000" })).toBe("/run/user/1000/hms-ops");
  expect(folder({})).toBe("/tmp/hms-ops-1000");
});
