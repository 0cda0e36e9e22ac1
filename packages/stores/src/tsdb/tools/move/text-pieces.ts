const LINE_FEED = 0x0a;

/**
 * Joins chunks of a stream to pieces of whole lines, about so large; a line may be longer. The last
 * piece may lack its line feed.
 */
export async function* linePieces(
  chunks: AsyncIterable<Uint8Array>,
  pieceBytes: number,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes < pieceBytes) continue;
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end === 0) continue;
    const rest = chunk.subarray(end);
    parts[parts.length - 1] = chunk.subarray(0, end);
    yield joined(parts, bytes - rest.length);
    parts = rest.length > 0 ? [rest.slice()] : [];
    bytes = rest.length;
  }
  if (bytes > 0) yield joined(parts, bytes);
}

export function countLines(piece: Uint8Array): number {
  let lines = 0;
  for (let at = piece.indexOf(LINE_FEED); at >= 0; at = piece.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

export function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
