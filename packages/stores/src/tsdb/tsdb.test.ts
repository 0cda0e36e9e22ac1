import { rmSync } from "node:fs";
import { metricStoreContract } from "@hms-ops/model/testing";
import { afterAll } from "vitest";
import { freshFolder, openTestTsdb } from "./testing/folder.test.tools.ts";
import { ReaderThread } from "./testing/threaded-store.test.tools.ts";

const folders: string[] = [];

const thread = new ReaderThread();

afterAll(async () => {
  await thread.end();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const folder = freshFolder();
  folders.push(folder);
  return folder;
}

metricStoreContract("the tsdb in one thread", () => openTestTsdb(newFolder()));
metricStoreContract("the tsdb across threads", () => thread.openStore(newFolder()));
