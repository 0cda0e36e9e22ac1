import { bindExpression, conditionOf } from "../expression.ts";
import { checkSomebodyIsTold, readDuration, readTargets, readTemplates } from "../rule-parts.ts";
import { baseName, type Dialect } from "./dialect.ts";

const KEYS = ["alert", "expr", "for", "keep_firing_for", "labels", "annotations", "notify"];

/** One alert alone in its file, short forms allowed: `expr: latency_ms_p95 > 400`. */
export const bare: Dialect = {
  name: "bare",
  recognises: (keys) => keys.has("alert") || keys.has("expr"),
  async read(document, root, context) {
    const entries = document.entries(root, KEYS, "a bare rule");
    const named = document.requiredText(entries, "alert", "The rule", root);
    const entry = document.requiredText(entries, "expr", "The rule", root);
    const expr = entry && (await bindExpression(document, entry, "expr", context.catalog));
    const labels = readTemplates(document, entries, "labels");
    const annotations = readTemplates(document, entries, "annotations");
    const notify = readTargets(document, entries, "notify", context);
    const forMs = readDuration(document, entries, "for");
    const keepFiringForMs = readDuration(document, entries, "keep_firing_for");
    if (!named || !entry || expr === undefined) return [];
    checkSomebodyIsTold(document, named.text, notify, named.node, context);
    const source = entry.text.trim();
    const condition = conditionOf(source, named.text);
    const rule = {
      kind: "alerting",
      name: named.text,
      expr,
      source,
      dialect: "bare",
      forMs,
      keepFiringForMs,
      labels,
      annotations,
      notify,
      ...(condition && { condition }),
      origin: { file: document.file, line: document.lineOf(named.node) },
    } as const;
    const name = baseName(document.file);
    return [{ name, file: document.file, queryOffsetMs: 0, limit: 0, rules: [rule] }];
  },
};
