/** The launcher's answer to how a reader calls it again, where they called it now. */
const VARIABLE = "HMS_OPS_COMMAND";

/** `hms-ops`, or what stands for it in a checkout: `npx hms-ops`, `apps/cli/bin/hms-ops`. */
export function ownCommand(environment: Readonly<Record<string, string | undefined>>): string {
  return environment[VARIABLE] || "hms-ops";
}

/** The text with commands in it as `command` says: a printed command is there to be pasted. */
export function asTyped(text: string, command: string): string {
  return text.replace(/(?<![\w./@-]|npx )hms-ops(?= [A-Za-z])/g, () => command);
}
