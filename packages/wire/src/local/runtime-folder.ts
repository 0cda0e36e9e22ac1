/** What the rule of `ServiceAnnouncement` needs to know of the process that asks. */
export interface RuntimeSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The operating system's temp folder. */
  readonly tempFolder: string;
  readonly userId: number | string;
}

/** Where services of this user announce themselves; the files lie in `services/` below it. */
export function runtimeFolderOf(surroundings: RuntimeSurroundings): string {
  const { environment, tempFolder, userId } = surroundings;
  const { HMS_OPS_RUNTIME_DIR: named, XDG_RUNTIME_DIR: session } = environment;
  if (named) return named;
  return session ? `${session}/hms-ops` : `${tempFolder}/hms-ops-${userId}`;
}
