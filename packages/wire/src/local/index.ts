export { readAnnouncement, type ServiceAnnouncement } from "./announcement.ts";
export { type RuntimeSurroundings, runtimeFolderOf } from "./runtime-folder.ts";
