export { openDocuments } from "./documents.ts";
export { type FolderLock, lockFolder } from "./folder-lock.ts";
