import { bug, type DocumentStore } from "@hms-ops/model";
import { type FolderLock, lockFolder, openDocuments } from "@hms-ops/stores/documents";
import type { StateCalls } from "./calls.ts";
import { answerParent } from "./thread-entry.ts";

/** The thread of SQLite: the folder's lock, and documents. */
let lock: FolderLock | undefined;
let documents: DocumentStore | undefined;

function opened(): DocumentStore {
  return documents ?? bug("documents are used before they were opened");
}

const calls: StateCalls = {
  lock: async (file) => {
    lock = lockFolder(file);
    return lock !== undefined;
  },
  open: async (file) => {
    documents = openDocuments(file);
  },
  get: (collection, id) => opened().get(collection, id),
  list: (collection) => opened().list(collection),
  write: (writes) => opened().write(writes),
  close: async () => {
    await documents?.close();
    lock?.release();
  },
};

answerParent(calls);
