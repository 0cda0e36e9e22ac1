import { Field, Icon } from "@hms-mfe/bricks";
import { useHub, useLive, useMetricNames } from "@hms-ops/react";
import { useMemo } from "react";
import { useSearch } from "../../shell/address.ts";
import { selectMetric } from "./expressions.ts";
import { inReadingOrder } from "./metric-order.ts";

/** More names than this are not drawn: a word in the search field finds the rest. */
const MOST_NAMES = 200;
const TYPES = ["all", "counter", "gauge", "histogram"] as const;
const METADATA_MS = 60_000;

interface MetricListProps {
  readonly exprs: readonly string[];
  onChoose(expr: string): void;
}

/** Every metric that the hub knows, those about itself last, with its type; a click asks for it. */
export function MetricList({ exprs, onChoose }: MetricListProps) {
  const { values, change } = useSearch();
  const names = useMetricNames();
  const types = useMetricTypes();
  const word = values.get("find") ?? "";
  const wanted = values.get("type") ?? "all";
  const ordered = useMemo(() => inReadingOrder(names.data ?? []), [names.data]);
  const found = useMemo(
    () =>
      ordered.filter(
        (name) =>
          name.toLowerCase().includes(word.trim().toLowerCase()) &&
          (wanted === "all" || typeOf(name, types) === wanted),
      ),
    [ordered, types, word, wanted],
  );
  return (
    <section className="explore-metrics" aria-labelledby="explore-metrics-title">
      <div className="explore-metrics-head">
        <h2 id="explore-metrics-title">
          Metrics{" "}
          <span className="hms-faint hms-number">{names.data?.length.toLocaleString("en-US")}</span>
        </h2>
        <Field
          label="Find a metric"
          hideLabel
          placeholder="Find a metric"
          type="search"
          value={word}
          data-page-search
          before={<Icon name="search" small />}
          after={<kbd className="hms-key">/</kbd>}
          onChange={(event) => change({ find: event.target.value || undefined }, "replace")}
        />
        <fieldset className="explore-types">
          <legend className="hms-hidden">Type</legend>
          {TYPES.map((type) => (
            <button
              key={type}
              type="button"
              aria-pressed={wanted === type}
              onClick={() => change({ type: type === "all" ? undefined : type })}
            >
              {type.charAt(0).toUpperCase() + type.slice(1)}
            </button>
          ))}
        </fieldset>
      </div>
      <ul>
        {found.slice(0, MOST_NAMES).map((name) => (
          <li key={name} data-shown={exprs.some((expr) => mentions(expr, name))}>
            <button
              type="button"
              title={name}
              onClick={() => onChoose(selectMetric(name, typeOf(name, types)))}
            >
              <span className="hms-code">{name}</span>
              <small>{typeOf(name, types)}</small>
            </button>
          </li>
        ))}
      </ul>
      <p className="hms-small hms-faint explore-metrics-foot" role="status">
        {footOf(found.length, names.data?.length)}
      </p>
    </section>
  );
}

function footOf(found: number, all: number | undefined): string {
  if (all === undefined) return "Loading";
  if (all === 0) return "No metric has arrived yet.";
  if (found === 0) return "No metric has this in its name.";
  return found > MOST_NAMES ? `and ${found - MOST_NAMES} more: type a word of the name` : "";
}

function mentions(expr: string, name: string): boolean {
  const at = expr.indexOf(name);
  if (at < 0) return false;
  return !/[\w:.]/.test(expr.charAt(at - 1)) && !/[\w:.]/.test(expr.charAt(at + name.length));
}

type MetricTypes = ReadonlyMap<string, { readonly type: string }>;

function useMetricTypes(): MetricTypes | undefined {
  const live = useHub();
  return useLive(live.resource("metadata", (hub, signal) => hub.metadata({ signal }), METADATA_MS))
    .data;
}

/** Metadata names families: the parts of a histogram are found by their family. */
function typeOf(name: string, types: MetricTypes | undefined): string {
  const own =
    types?.get(name) ?? types?.get(name.replace(/_(bucket|sum|count|total|created)$/, ""));
  if (own && own.type !== "unknown") return own.type;
  if (name.endsWith("_bucket")) return "histogram";
  return name.endsWith("_total") ? "counter" : "";
}
