/** A length-delimited field of fewer than 128 bytes. */
export function field(number: number, content: readonly number[]): number[] {
  return [(number << 3) | 2, content.length, ...content];
}

/** In UTF-8. */
export function text(value: string): number[] {
  return [...new TextEncoder().encode(value)];
}

/** Sixteen bytes a line, with their place and as text, so that golden files can be compared. */
export function hexOf(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let i = 0; i < bytes.length; i += 16) {
    const row = bytes.subarray(i, i + 16);
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const shown = Array.from(row, (byte) =>
      byte > 31 && byte < 127 ? String.fromCharCode(byte) : ".",
    ).join("");
    lines.push(`${i.toString(16).padStart(4, "0")}  ${hex.padEnd(47)}  ${shown}`);
  }
  return `${lines.join("\n")}\n`;
}
