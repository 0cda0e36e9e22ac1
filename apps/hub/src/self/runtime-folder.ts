import { tmpdir, userInfo } from "node:os";
import { runtimeFolderOf } from "@hms-ops/wire/local";

/** Where the services of this machine's user announce themselves. */
export function runtimeFolder(environment: Readonly<Record<string, string | undefined>>): string {
  return runtimeFolderOf({ environment, tempFolder: tmpdir(), userId: userInfo().uid });
}
