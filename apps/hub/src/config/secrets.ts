import { isAlias, isMap, isNode, isScalar, type Node, parseDocument, visit } from "yaml";

/** Keys whose values nobody should see; those of files and addresses of files may be seen. */
const SECRET_KEY =
  /^(?:\w*password|credentials|cookie|(?:proxy_)?authorization|\w*(?:secret|token|_key)\w*|(?:slack_api|webhook)_url)$/i;
const STRUCK = "<secret>";

/** A configuration as it may be shown: secrets are struck out, all else stands as it was written. */
export function withoutSecrets(yamlText: string): string {
  const document = parseDocument(yamlText, { prettyErrors: false });
  const found: Node[] = [];
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || !isNode(value) || !isSecret(String(key.value), value)) return undefined;
      const meant = isAlias(value) ? value.resolve(document) : undefined;
      found.push(...(meant ? [value, meant] : [value]));
      return visit.SKIP;
    },
  });
  return struck(yamlText, found).replace(/(\/\/)[^/@\s]+@/g, `$1${STRUCK}@`);
}

/** `authorization` as a map has its secret inside, under a name of its own. */
function isSecret(key: string, value: Node): boolean {
  const name = key.replaceAll("-", "_");
  if (!SECRET_KEY.test(name) || name.endsWith("_file")) return false;
  if (isScalar(value) && value.value === null) return false;
  return !(isMap(value) && /authorization$/i.test(name));
}

function struck(text: string, nodes: readonly Node[]): string {
  const spans = nodes.map(({ range }) => [range?.[0] ?? 0, range?.[1] ?? 0] as const);
  let shown = "";
  let at = 0;
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    // What an alias stands for may lie inside another secret.
    if (from < at) continue;
    shown += text.slice(at, from) + STRUCK;
    at = from + text.slice(from, to).trimEnd().length;
  }
  return shown + text.slice(at);
}
