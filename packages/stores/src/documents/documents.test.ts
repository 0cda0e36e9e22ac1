import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DocumentStore } from "@hms-ops/model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder, openDocuments } from "./index.ts";

/** What every DocumentStore promises; `open` opens the same documents again. */
function documentStoreContract(open: () => DocumentStore) {
  let store: DocumentStore;
  beforeEach(() => {
    store = open();
  });
  afterEach(() => store.close());

  it("answers undefined and nothing where nothing was written", async () => {
    expect(await store.get("rules", "a")).toBeUndefined();
    expect(await store.list("rules")).toEqual([]);
  });

  it("gives back any JSON, by collection and id", async () => {
    const values = [{ a: [1, "ü", null, true] }, "text", 0, false, null, []];
    for (const [i, value] of values.entries()) {
      await store.write([{ collection: "c", id: `${i}`, value }]);
      expect(await store.get("c", `${i}`)).toEqual(value);
    }
    expect(await store.get("d", "0")).toBeUndefined();
  });

  it("lists one collection sorted by id", async () => {
    const ids = ["b", "a", "10", "2", "ü"];
    await store.write(ids.map((id) => ({ collection: "c", id, value: id })));
    await store.write([{ collection: "other", id: "x", value: 1 }]);
    expect((await store.list("c")).map(({ id }) => id)).toEqual(["10", "2", "a", "b", "ü"]);
  });

  it("replaces and deletes", async () => {
    await store.write([{ collection: "c", id: "a", value: 1 }]);
    await store.write([{ collection: "c", id: "a", value: 2 }]);
    expect(await store.list("c")).toEqual([{ id: "a", value: 2 }]);
    await store.write([
      { collection: "c", id: "a" },
      { collection: "c", id: "never there" },
    ]);
    expect(await store.list("c")).toEqual([]);
  });

  it("takes all writes or none", async () => {
    const impossible = { collection: "c", id: "b", value: 1n };
    await expect(
      store.write([{ collection: "c", id: "a", value: 1 }, impossible]),
    ).rejects.toThrow();
    expect(await store.list("c")).toEqual([]);
    await store.write([{ collection: "c", id: "a", value: 1 }]);
    expect(await store.list("c")).toHaveLength(1);
  });

  it("has what was written when it is opened again", async () => {
    await store.write([{ collection: "c", id: "a", value: { firing: true } }]);
    await store.close();
    await store.close();
    store = open();
    expect(await store.get("c", "a")).toEqual({ firing: true });
  });
}

describe("openDocuments", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "hms-ops-documents-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  documentStoreContract(() => openDocuments(join(folder, "control.db")));
});

describe("lockFolder", () => {
  it("gives the lock to one at a time", () => {
    const folder = mkdtempSync(join(tmpdir(), "hms-ops-lock-"));
    const file = join(folder, "lock.db");
    const first = lockFolder(file);
    expect(first).toBeDefined();
    expect(lockFolder(file)).toBeUndefined();
    first?.release();
    const second = lockFolder(file);
    expect(second).toBeDefined();
    second?.release();
    expect(() => lockFolder(join(folder, "absent", "lock.db"))).toThrow();
    rmSync(folder, { recursive: true, force: true });
  });
});
