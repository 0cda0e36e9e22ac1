/** Long segments of letters and digits are how chat services and gateways put keys into paths. */
const SECRET_SEGMENT = /^(?=.*\d)[\w.~-]{12,}$/;

/**
 * A URL that may be shown: without password, query and fragment values, and without path segments
 * that look like keys. A text that is no URL is handed back.
 */
export function redactUrl(text: string): string {
  const match = /^(https?:\/\/)([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(text);
  if (!match) return text;
  const [, scheme = "", authority = "", path = "", query = "", fragment = ""] = match;
  const host = authority.includes("@") ? `…@${authority.split("@").at(-1)}` : authority;
  const segments = path
    .split("/")
    .map((segment) => (SECRET_SEGMENT.test(segment) ? "…" : segment))
    .join("/");
  const values = query.replace(/=[^&]*/g, "=…");
  return scheme + host + segments + values + (fragment && "#…");
}

/** Every URL within a text, redacted: for error messages of transports. */
export function redactText(text: string): string {
  return text.replace(/https?:\/\/[^\s"'<>]+/gi, redactUrl);
}
