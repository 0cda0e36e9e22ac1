/** What is said of an expression. */
export interface Note {
  /** `line:column`. */
  readonly position: string;
  readonly message: string;
  /** Empty where no mend is known. */
  readonly suggestion: string;
}

/** A line a note, and one below it for what to write instead. */
export function formatNotes(notes: readonly Note[]): string {
  return notes
    .map(({ position, message, suggestion }) => {
      return `  ${position}  ${message}\n${suggestion ? `       ${suggestion}\n` : ""}`;
    })
    .join("");
}
