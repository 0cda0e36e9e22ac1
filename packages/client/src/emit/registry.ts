import { type ErrorRow, type Labels, labelsOf, NO_LABELS, OpsError } from "@hms-ops/model";
import { CLIENT_ERRORS } from "../errors.ts";
import { MAX_KEPT_PROBLEMS, MAX_NAME_LENGTH, MAX_SERIES } from "../limits.ts";
import { type Buckets, FineBuckets, ListedBuckets } from "./buckets.ts";
import { type ExposedFamily, exposeFamily, type NameStyle, writeFamilies } from "./exposition.ts";
import {
  exposedNames,
  type Family,
  type LabelValues,
  type MetricKind,
  type Series,
  seriesOf,
  usableLabels,
} from "./family.ts";

export interface MetricOptions {
  readonly help?: string | undefined;
  /** Rising upper bounds of a histogram; absent = fine ones that fit any value. */
  readonly buckets?: readonly number[] | undefined;
}

/** What happened to a value. */
export type Recording = { readonly ok: true } | { readonly ok: false; readonly error: OpsError };

const RECORDED: Recording = { ok: true };
const DROPPED_NAME = "hms_ops_client_dropped_total";
const DROPPED_HELP = "Values that the SDK did not keep, by reason.";

/**
 * The metrics of one /metrics. Never throws into its host: what cannot be recorded is counted in
 * `hms_ops_client_dropped_total` and told to whoever called `onProblem`.
 */
export class Registry {
  readonly #families = new Map<string, Family>();
  readonly #ownerOfName = new Map<string, Family>();
  readonly #dropped = new Map<string, number>();
  #problems: OpsError[] = [];
  #listener: ((problem: OpsError) => void) | undefined;
  #seriesCount = 0;
  readonly #exposers: { readonly port: number | undefined }[] = [];

  /** Adds to a counter, sets a gauge, observes into a histogram or timer. */
  record(
    name: string,
    kind: MetricKind,
    value: number,
    labels?: LabelValues,
    base: Labels = NO_LABELS,
  ): Recording {
    const family = this.#claim(name, kind, {});
    if (family instanceof OpsError) return this.#drop(family, "refused");
    return this.recordIn(family, value, usableLabels(base, labels));
  }

  /** The same for a family at hand: the way of `Counter` and its like. */
  recordIn(family: Family, value: number, labels: Labels): Recording {
    const isFalling = family.kind === "counter" && value < 0;
    if (!Number.isFinite(value) || isFalling) {
      if (family.kind !== "gauge" || typeof value !== "number") {
        const inputs = { name: family.name, value: String(value) };
        return this.#drop(new OpsError(CLIENT_ERRORS.metricValue, inputs), "value");
      }
    }
    const series = seriesOf(family, labels, () => this.#mayAddSeries());
    if (!series) return this.#dropForLimit(family.name);
    apply(family.kind, series, value);
    return RECORDED;
  }

  /** Undefined when the name is refused; the reason goes to `onProblem`. */
  family(name: string, kind: MetricKind, options: MetricOptions = {}): Family | undefined {
    const family = this.#claim(name, kind, options);
    if (!(family instanceof OpsError)) return family;
    this.#drop(family, "refused");
    return undefined;
  }

  /** Makes a series visible before its first event, at 0. */
  touch(family: Family, labels: Labels): void {
    seriesOf(family, labels, () => this.#mayAddSeries());
  }

  /** The kind of a metric that exists. */
  kindOf(name: string): MetricKind | undefined {
    return this.#families.get(name)?.kind;
  }

  /** Counts a value that was lost outside the registry (a full queue). */
  countDropped(reason: string, by = 1): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + by);
  }

  /** Text exposition 0.0.4. `quoted` writes dotted names as they are, for scrapers that asked. */
  expose(names: NameStyle = "underscores"): string {
    const exposed = [...this.#families.values()].flatMap(exposeFamily);
    if (this.#dropped.size > 0) exposed.push(this.#droppedFamily());
    return writeFamilies(exposed, names);
  }

  /** Whether some /metrics of this process serves the registry. */
  get isExposed(): boolean {
    return this.#exposers.length > 0;
  }

  /** Whether this process serves the registry on that port of this machine. */
  isExposedOn(port: number): boolean {
    return this.#exposers.some((exposer) => exposer.port === port);
  }

  /** Called by whatever serves the registry; the returned function says that it ended. */
  addExposer(port?: number): () => void {
    const exposer = { port };
    this.#exposers.push(exposer);
    return () => {
      const place = this.#exposers.indexOf(exposer);
      if (place >= 0) this.#exposers.splice(place, 1);
    };
  }

  /** One listener; it is told at once what went wrong before it came. */
  onProblem(listener: (problem: OpsError) => void): void {
    this.#listener = listener;
    for (const problem of this.#problems) listener(problem);
    this.#problems = [];
  }

  #claim(name: string, kind: MetricKind, options: MetricOptions): Family | OpsError {
    const known = this.#families.get(name);
    if (known?.kind === kind) {
      if (options.help) known.help = options.help;
      return known;
    }
    if (this.#families.size >= MAX_SERIES) return tooManySeries(name);
    const refusal = refusalOf(name, kind, options, this.#ownerOfName);
    if (refusal) return refusal;
    const makeBuckets = bucketMaker(kind, options.buckets);
    const help = options.help ?? "";
    const family: Family = { name, kind, help, makeBuckets, series: new Map() };
    this.#families.set(name, family);
    for (const exposed of exposedNames(name, kind)) this.#ownerOfName.set(exposed, family);
    return family;
  }

  #mayAddSeries(): boolean {
    if (this.#seriesCount >= MAX_SERIES) return false;
    this.#seriesCount++;
    return true;
  }

  #dropForLimit(name: string): Recording {
    return this.#drop(tooManySeries(name), "series_limit");
  }

  #drop(error: OpsError, reason: string): Recording {
    this.countDropped(reason);
    if (this.#listener) this.#listener(error);
    else if (this.#problems.length < MAX_KEPT_PROBLEMS) this.#problems.push(error);
    return { ok: false, error };
  }

  #droppedFamily(): ExposedFamily {
    const samples = [...this.#dropped].map(([reason, value]) => ({
      name: DROPPED_NAME,
      labels: labelsOf({ reason }),
      value,
    }));
    return { name: DROPPED_NAME, type: "counter", help: DROPPED_HELP, samples };
  }
}

function apply(kind: MetricKind, series: Series, value: number): void {
  if (kind === "counter") {
    series.value += value;
    return;
  }
  series.value = value;
  if (!series.buckets) return;
  series.sum += value;
  series.count++;
  series.buckets.observe(value);
}

function refusalOf(
  name: string,
  kind: MetricKind,
  options: MetricOptions,
  owners: ReadonlyMap<string, Family>,
): OpsError | undefined {
  if (
    typeof name !== "string" ||
    name === "" ||
    name.length > MAX_NAME_LENGTH ||
    !name.isWellFormed()
  ) {
    const shown = JSON.stringify(String(name).slice(0, 40));
    return refusal(CLIENT_ERRORS.metricName, { name: shown, limit: MAX_NAME_LENGTH });
  }
  for (const exposed of [...exposedNames(name, kind), name]) {
    const owner =
      owners.get(exposed) ?? (exposed === DROPPED_NAME ? { name, kind: "counter" } : undefined);
    if (owner)
      return refusal(CLIENT_ERRORS.metricKind, { name: exposed, known: owner.kind, wanted: kind });
  }
  const bounds = options.buckets ?? [];
  const isRising = bounds.every(
    (bound, i) => Number.isFinite(bound) && bound > (bounds[i - 1] ?? Number.NEGATIVE_INFINITY),
  );
  return isRising ? undefined : refusal(CLIENT_ERRORS.bucketBounds, { name });
}

function tooManySeries(name: string): OpsError {
  return refusal(CLIENT_ERRORS.tooManySeries, { name, limit: MAX_SERIES });
}

function refusal(row: ErrorRow, inputs: Readonly<Record<string, string | number>>): OpsError {
  return new OpsError(row, inputs);
}

function bucketMaker(
  kind: MetricKind,
  bounds: readonly number[] | undefined,
): (() => Buckets) | undefined {
  if (kind !== "histogram" && kind !== "timer") return undefined;
  return bounds ? () => new ListedBuckets(bounds) : () => new FineBuckets();
}
