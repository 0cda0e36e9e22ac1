/** What the system said to a file, without its code and the path, which stand beside it anyway. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EISDIR") return "it is a folder";
  const [, words] = /^[A-Z]+: (.*?)(?:, \w+(?: '.*')?)?$/s.exec(error.message) ?? [];
  return words ?? error.message;
}
