/** Pushes are small; of a larger body the rules run on their schedule anyway. */
const MAX_BYTES = 256 * 1024;
const NAME = /^[ \t]*([A-Za-z_:][\w:]*|\{\s*"(?:\\.|[^"\\])*")/gm;

/** The metrics that a pushed exposition body names; none of a body too large to look through. */
export function metricNamesIn(body: Uint8Array): readonly string[] {
  if (body.length > MAX_BYTES) return [];
  const names = new Set<string>();
  for (const [, name = ""] of new TextDecoder().decode(body).matchAll(NAME)) {
    names.add(name.startsWith("{") ? unquoted(name) : name);
  }
  return [...names];
}

/** `{"a.b"` -> `a.b` */
function unquoted(text: string): string {
  const quoted = text.slice(text.indexOf('"'));
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}
