import {
  bug,
  type Labels,
  labelValue,
  METRIC_NAME,
  type NativeHistogram,
  type QueryBudget,
} from "@hms-ops/model";
import { FUNCTIONS } from "../functions/table.ts";
import { scaled } from "../histograms/arithmetic.ts";
import { type NoteText, noteText } from "../histograms/notes.ts";
import { innerTime, type PlanOptions } from "../plan/selectors.ts";
import { isStepInvariant } from "../plan/step-invariant.ts";
import {
  type Aggregation,
  bare,
  type Call,
  type Expr,
  type VectorSelector,
} from "../syntax/ast.ts";
import { type AggregationListener, aggregate, countLabel, countValues } from "./aggregate.ts";
import { type Annotations, argumentPlace, COUNTER_FUNCTIONS, counterHint } from "./annotations.ts";
import { evaluateBinary, type Operand } from "./binary.ts";
import { columnsOfTable, type SeriesColumns } from "./columns.ts";
import { edgeTable, knownFunction, smoothedTable, surroundings } from "./edges.ts";
import { type EvaluationTime, shiftedTimes } from "./grid.ts";
import {
  type HistogramContext,
  histogramFraction,
  histogramQuantile,
  histogramQuantiles,
  nativeFunction,
} from "./histogram-calls.ts";
import type { NamedNote } from "./histogram-edges.ts";
import { mixedRangeTable } from "./histogram-ranges.ts";
import { rangeStats, statsTable } from "./histogram-stats.ts";
import { joinInfo } from "./info.ts";
import { dropName, markName, type Nameless } from "./names.ts";
import { goNumber } from "./numbers.ts";
import { onceForAllSteps } from "./one-step.ts";
import { QueryMemory } from "./query-memory.ts";
import { pickedScalar, queryScalar } from "./query-scalars.ts";
import { foundTimes, instantTable, rangeTable } from "./selectors.ts";
import * as special from "./special.ts";
import {
  emptyTable,
  floatsOnly,
  histogramsPart,
  namesakesPart,
  occupiedSteps,
  relabelSeries,
  relabelTable,
  type VectorTable,
} from "./table.ts";

/** Time, value and mark of a step that becomes a sample. */
const SAMPLE_BYTES = 17;

/** What a range function slides over. */
export interface RangeInput {
  readonly columns: SeriesColumns;
  /** One window end a step; never fall. */
  readonly ends: Float64Array;
  readonly rangeMs: number;
}

/** Evaluates an expression over its whole grid; everything it needs was read before. */
export class Evaluator {
  readonly #reads: ReadonlyMap<VectorSelector, SeriesColumns>;
  readonly #options: PlanOptions;
  readonly #annotations: Annotations;
  readonly #budget: QueryBudget;
  readonly #nameless: Nameless;
  readonly #memory: QueryMemory;

  constructor(
    reads: ReadonlyMap<VectorSelector, SeriesColumns>,
    options: PlanOptions,
    annotations: Annotations,
    budget: QueryBudget,
  ) {
    this.#budget = budget;
    this.#memory = new QueryMemory(budget);
    this.#nameless = options.delayedNameRemoval ? markName : dropName;
    this.#reads = reads;
    this.#options = options;
    this.#annotations = annotations;
  }

  /** A scalar is one number a step. */
  operand(expr: Expr, time: EvaluationTime): Operand {
    const result = this.#evaluate(expr, time);
    // Selectors told the budget before they made their table.
    if (expr.kind === "vector") this.#budget.spend(0, 0);
    else this.#memory.keepCells(result instanceof Float64Array ? result : result.values);
    return result;
  }

  #evaluate(expr: Expr, time: EvaluationTime): Operand {
    switch (expr.kind) {
      case "number":
        return new Float64Array(time.grid.count).fill(expr.value);
      case "paren":
        return this.operand(expr.expr, time);
      case "unary":
        return this.#unary(expr.operator, this.operand(expr.expr, time));
      case "binary": {
        const [left, right] = [this.operand(expr.left, time), this.operand(expr.right, time)];
        const note = (text: NoteText) => this.#annotations.note(text, expr.from);
        return evaluateBinary(expr, left, right, {
          nameless: this.#nameless,
          memory: this.#memory,
          isMoment: time.isMoment,
          note,
        });
      }
      case "aggregation":
        return this.#aggregation(expr, time);
      case "call":
        return this.#call(expr, time);
      case "vector": {
        const answered = this.#options.answered?.get(expr);
        if (answered) return answered;
        const times = shiftedTimes(time, expr);
        return this.#selected(expr, times);
      }
      case "matrix":
      case "subquery":
      case "string":
        return bug(`${expr.kind} is no operand`);
    }
  }

  #vector(expr: Expr, time: EvaluationTime): VectorTable {
    const operand = this.operand(expr, time);
    return operand instanceof Float64Array ? bug("scalar where a vector belongs") : operand;
  }

  #scalar(expr: Expr, time: EvaluationTime): Float64Array {
    const operand = this.operand(expr, time);
    return operand instanceof Float64Array ? operand : bug("vector where a scalar belongs");
  }

  #selected(selector: VectorSelector, times: Float64Array): VectorTable {
    const { lookbackMs } = this.#options;
    if (selector.edges === "smoothed") {
      const columns = this.#rangeColumns(selector, times, 0);
      return smoothedTable(columns, times, lookbackMs, this.#budget, this.#named(selector));
    }
    const columns = this.#columns(selector);
    return this.#options.statsOnly?.has(selector)
      ? statsTable(columns, times, lookbackMs, this.#budget)
      : instantTable(columns, times, lookbackMs, "value", this.#budget);
  }

  #columns(selector: VectorSelector): SeriesColumns {
    return this.#reads.get(selector) ?? bug("a selector was not planned");
  }

  /** For windows that end there, and what lies around them. */
  #rangeColumns(selector: VectorSelector, ends: Float64Array, rangeMs: number): SeriesColumns {
    const columns = this.#columns(selector);
    if (!columns.histograms || !this.#options.statsOnly?.has(selector)) return columns;
    const { beforeMs, afterMs } = surroundings(selector.edges, this.#options.lookbackMs);
    const wideEnds = ends.map((end) => end + afterMs);
    return rangeStats(columns, wideEnds, rangeMs + beforeMs + afterMs, this.#budget);
  }

  #unary(operator: "+" | "-", operand: Operand): Operand {
    if (operator === "+") return operand;
    if (operand instanceof Float64Array) return operand.map((value) => -value);
    const values = operand.values.map((value) => -value);
    const histograms = new Map<number, NativeHistogram>();
    for (const [cell, one] of operand.histograms ?? []) {
      const negated = scaled(one, -1);
      this.#memory.keepHistogram(negated);
      histograms.set(cell, negated);
    }
    return relabelTable(
      { ...operand, values, ...histogramsPart(histograms) },
      this.#nameless,
      this.#memory,
    );
  }

  #aggregation(expr: Aggregation, time: EvaluationTime): VectorTable {
    const answered = this.#options.answered?.get(expr);
    if (answered) return answered;
    const { parameter } = expr;
    if (expr.operator === "count_values") {
      const label = countLabel(parameter);
      return countValues(expr, this.#vector(expr.expr, time), label, this.#memory);
    }
    // In this order: of errors the first is told, of equal notes the last one's place.
    const asked = parameter && this.#scalar(parameter, time);
    const table = this.#vector(expr.expr, time);
    const ofWhole = expr.operator === "topk" || expr.operator === "bottomk";
    const listener: AggregationListener = {
      onBadQuantile: (phi) => this.#warnQuantile(phi, parameter ?? expr),
      onCappedRatio: (ratio, cap) => this.#warnRatio(ratio, cap, parameter ?? expr),
      onHistogram: (text) =>
        this.#annotations.note(text, ofWhole ? expr.from : argumentPlace(expr.expr)),
    };
    const make = (of: VectorTable, numbers: Float64Array | undefined) =>
      aggregate(expr, of, numbers, this.#memory, listener);
    if (!isStepInvariant(expr)) return make(table, asked);
    return onceForAllSteps(table, (first) => make(first, asked?.subarray(0, 1)), this.#memory);
  }

  #warnRatio(ratio: number, cap: number, at: Expr): void {
    const capped = `got ${goNumber(ratio)}, capping to ${goNumber(cap)}`;
    const message = `ratio value should be between -1 and 1, ${capped}`;
    this.#annotations.warn(message, argumentPlace(at));
  }

  #warnQuantile(phi: number, at: Expr): void {
    const message = `quantile value should be between 0 and 1, got ${goNumber(phi)}`;
    this.#annotations.warn(message, argumentPlace(at));
  }

  #call(call: Call, time: EvaluationTime): Operand {
    const row = FUNCTIONS[call.name] ?? bug(`unknown function ${call.name}`);
    if (row.how.kind === "range") return this.#rangeCall(call, time, row.how);
    if (row.how.kind === "special") return this.#special(call, time);
    const { map, defaultsToTime } = row.how;
    const [first, ...rest] = call.args;
    const table = first
      ? floatsOnly(this.#vector(first, time))
      : special.toVector(stepSeconds(time));
    if (!first && !defaultsToTime) return bug(`${call.name} without an argument`);
    const parameters = rest.map((arg) => this.#scalar(arg, time));
    const values = new Float64Array(table.values.length);
    for (let cell = 0; cell < values.length; cell++) {
      if (table.present[cell] !== 1) continue;
      const step = cell % table.steps;
      values[cell] =
        parameters.length === 0
          ? map(table.values[cell]!)
          : map(table.values[cell]!, parameters[0]![step]!);
    }
    return relabelTable({ ...table, values }, this.#nameless, this.#memory);
  }

  #rangeCall(
    call: Call,
    time: EvaluationTime,
    how: Extract<(typeof FUNCTIONS)[string]["how"], { kind: "range" }>,
  ): VectorTable {
    const ranged = call.args.findIndex((arg) => isRange(bare(arg)));
    const arg = call.args[ranged] ?? bug(`${call.name} without a range`);
    const others = call.args.filter((_, i) => i !== ranged);
    const answered = this.#options.answered?.get(call);
    if (answered) {
      const parameters = others.map((other) => this.#scalar(other, time));
      this.#checkPhis(call, parameters, answered);
      if (COUNTER_FUNCTIONS.has(call.name)) this.#hintCounter(answered.series, answered, arg);
      return how.keepsName ? answered : relabelSeries(answered, this.#nameless, this.#memory);
    }
    // A sub-query comes before the other arguments, wherever it stands.
    const { columns, ends, rangeMs } = this.range(bare(arg), time);
    const parameters = others.map((other) => this.#scalar(other, time));
    const stepTimes = shiftedTimes(time, { offsetMs: 0 });
    const request = {
      ends,
      rangeMs,
      stepTimes,
      parameters,
      budget: this.#budget,
      nameless: this.#nameless,
    };
    const inner = bare(arg);
    const edges = inner.kind === "matrix" ? inner.selector.edges : undefined;
    // Of `quantile_over_time`, too, it is the first argument, which is not the range.
    const note = this.#named(call.args[0] ?? arg);
    const table = edges
      ? edgeTable(call.name, edges, columns, request, this.#options.lookbackMs, note)
      : columns.histograms
        ? mixedRangeTable(call.name, columns, request, how, note)
        : rangeTable(columns, request, how);
    this.#checkPhis(call, parameters, table);
    if (COUNTER_FUNCTIONS.has(call.name)) this.#hintCounter(columns.series, table, arg);
    return table;
  }

  /** Notes about one metric of an argument. */
  #named(arg: Expr): NamedNote {
    return (note, name) => this.#annotations.note(noteText(note, name), argumentPlace(arg));
  }

  /** Of series with a float in the answer. */
  #hintCounter(series: readonly Labels[], table: VectorTable, arg: Expr): void {
    const { present, steps } = floatsOnly(table);
    for (const [row, labels] of series.entries()) {
      const hint = counterHint(labelValue(labels, METRIC_NAME));
      if (!hint || !present.subarray(row * steps, (row + 1) * steps).includes(1)) continue;
      this.#annotations.info(hint, argumentPlace(arg));
    }
  }

  /** Samples and window ends of a range selector or sub-query. */
  range(arg: Expr, time: EvaluationTime): RangeInput {
    if (arg.kind === "matrix") {
      const ends = shiftedTimes(time, arg.selector);
      const columns = this.#rangeColumns(arg.selector, ends, arg.rangeMs);
      return { columns, ends, rangeMs: arg.rangeMs };
    }
    if (arg.kind !== "subquery") return bug(`${arg.kind} is no range`);
    const ends = shiftedTimes(time, arg);
    const inner = innerTime(arg, time, this.#options.defaultStepMs);
    const table = inner.grid.count > 0 ? this.#vector(arg.expr, inner) : emptyTable([], 0);
    const { startMs, stepMs } = inner.grid;
    this.#memory.keepBytes(table.present.length * SAMPLE_BYTES);
    return { columns: columnsOfTable(table, startMs, stepMs), ends, rangeMs: arg.rangeMs };
  }

  #special(call: Call, time: EvaluationTime): Operand {
    const [first, second, third] = call.args;
    if (call.name === "time") return stepSeconds(time);
    const fixed = queryScalar(call.name, time);
    if (fixed) return fixed;
    if (first === undefined) return bug(`${call.name} without arguments`);
    if (call.name === "vector") return special.toVector(this.#scalar(first, time));
    if (second && (call.name === "min_of" || call.name === "max_of")) {
      return pickedScalar(call.name, this.#scalar(first, time), this.#scalar(second, time));
    }
    if (call.name === "info") return this.#info(call, first, time);
    // The store keeps no start times.
    if (call.name === "start_timestamp") return emptyTable([], time.grid.count);
    if (call.name === "timestamp") return this.#timestamp(first, time);
    if (call.name === "absent_over_time") return this.#absentOverTime(call, first, time);
    if (call.name === "histogram_quantile" && second) {
      const phi = this.#scalar(first, time);
      const table = this.#vector(second, time);
      this.#checkQuantiles(phi, first);
      const notes = this.#histogramContext(call, second, first);
      return histogramQuantile(table, phi, stepSeconds(time), notes);
    }
    if (call.name === "histogram_quantiles" && second) {
      return this.#histogramQuantiles(call, first, second, time);
    }
    if (call.name === "histogram_fraction" && second && third) {
      const lower = this.#scalar(first, time);
      const upper = this.#scalar(second, time);
      const notes = this.#histogramContext(call, third, first);
      return histogramFraction(this.#vector(third, time), lower, upper, notes);
    }
    if (call.name === "label_replace" || call.name === "label_join") {
      const relabel = special.relabeling(call.name, textsOf(call), this.#memory);
      return relabel(this.#vector(first, time));
    }
    return this.#vectorSpecial(call, this.#vector(first, time), time);
  }

  #absentOverTime(call: Call, arg: Expr, time: EvaluationTime): VectorTable {
    const inner = bare(arg);
    if (inner.kind === "matrix" && inner.selector.edges) {
      knownFunction(call.name, inner.selector.edges);
    }
    const { columns, ends, rangeMs } = this.range(inner, time);
    const request = {
      ends,
      rangeMs,
      stepTimes: ends,
      parameters: [],
      budget: this.#budget,
      nameless: this.#nameless,
    };
    const table = rangeTable(columns, request, { evaluate: () => 1, keepsName: true });
    const absent = special.absent(arg, table);
    // Only at the end of a query does it lose the type and unit that were asked for.
    return this.#nameless === markName ? relabelTable(absent, markName, this.#memory) : absent;
  }

  #vectorSpecial(call: Call, table: VectorTable, time: EvaluationTime): Operand {
    const [first, second, third] = call.args;
    const ofNative = nativeFunction(call.name, table);
    if (ofNative) return relabelTable(ofNative, this.#nameless, this.#memory);
    switch (call.name) {
      case "absent":
        return special.absent(first ?? call, table);
      case "scalar":
        return special.toScalar(table);
      case "clamp": {
        if (!second || !third) return bug("clamp without bounds");
        const clamped = special.clamp(table, this.#scalar(second, time), this.#scalar(third, time));
        return relabelTable(clamped, this.#nameless, this.#memory);
      }
      default:
        return this.#sorted(call, table, time);
    }
  }

  #sorted(call: Call, table: VectorTable, time: EvaluationTime): VectorTable {
    const texts = textsOf(call);
    const sorted = (of: VectorTable) => special.sorted(call.name, of, texts, this.#memory);
    if (isStepInvariant(call)) return onceForAllSteps(table, sorted, this.#memory);
    if (!time.isMoment) {
      const message =
        "sort is ineffective for range queries since results are always ordered by labels";
      this.#annotations.warn(message, call.from);
    }
    if (table.steps === 1) return sorted(table);
    return call.name.startsWith("sort_by_label") ? table : floatsOnly(table);
  }

  #info(call: Call, vector: Expr, time: EvaluationTime): VectorTable {
    const selector = call.info ?? bug("info() was not planned");
    const times = shiftedTimes(time, selector);
    const { lookbackMs } = this.#options;
    const columns = this.#columns(selector);
    const timestamps = instantTable(columns, times, lookbackMs, "timestamp", this.#budget);
    const samples = columns.histograms
      ? instantTable(columns, times, lookbackMs, "value", this.#budget)
      : timestamps;
    const info = { ...timestamps, ...histogramsPart(samples.histograms ?? new Map()) };
    const wanted = call.args[1];
    const matchers = wanted?.kind === "vector" ? wanted.matchers : [];
    return joinInfo(this.#vector(vector, time), info, selector.matchers, matchers, this.#memory);
  }

  #timestamp(arg: Expr, time: EvaluationTime): VectorTable {
    const inner = bare(arg);
    if (inner.kind === "vector") {
      const times = shiftedTimes(time, inner);
      const columns = this.#columns(inner);
      const { lookbackMs } = this.#options;
      // With @, Prometheus forgets the offset, though not where it looked for samples.
      const asked = inner.at && shiftedTimes(time, { ...inner, offsetMs: 0 });
      const table = asked
        ? foundTimes(columns, times, asked, lookbackMs, this.#budget)
        : instantTable(columns, times, lookbackMs, "timestamp", this.#budget);
      return relabelTable(table, this.#nameless, this.#memory);
    }
    const table = this.#vector(arg, time);
    const { series, steps, present } = table;
    const seconds = stepSeconds(time);
    const values = new Float64Array(present.length).map((_, cell) => seconds[cell % steps]!);
    const times = { series, steps, present, values, ...namesakesPart(table) };
    return relabelTable(times, this.#nameless, this.#memory);
  }

  #histogramQuantiles(call: Call, arg: Expr, label: Expr, time: EvaluationTime): VectorTable {
    const phis = call.args.slice(2).map((expr) => {
      const phi = this.#scalar(expr, time);
      this.#checkQuantiles(phi, expr);
      return phi;
    });
    const name = bare(label);
    const notes = this.#histogramContext(call, arg, arg);
    const text = name.kind === "string" ? name.value : "";
    return histogramQuantiles(this.#vector(arg, time), text, phis, stepSeconds(time), notes);
  }

  /** Of `quantile_over_time`, only where there is something to answer. */
  #checkPhis({ name, args }: Call, [phis]: readonly Float64Array[], table: VectorTable): void {
    if (name !== "quantile_over_time" || phis === undefined || args[0] === undefined) return;
    const occupied = occupiedSteps(table);
    const asked = phis.filter((_, step) => occupied[step] === 1);
    this.#checkQuantiles(asked, args[0]);
  }

  #checkQuantiles(phi: Float64Array, at: Expr): void {
    for (const one of new Set(phi)) if (!(one >= 0 && one <= 1)) this.#warnQuantile(one, at);
  }

  /** Which argument a note points at; not always the one that one would expect. */
  #histogramContext(call: Call, input: Expr, native: Expr): HistogramContext {
    return {
      isStepInvariant: isStepInvariant(call),
      nameless: this.#nameless,
      memory: this.#memory,
      onInput: (text) => this.#annotations.note(text, argumentPlace(input)),
      onNative: (text) => this.#annotations.note(text, argumentPlace(native)),
      onForced: (span, name) => this.#annotations.forced(span, name, argumentPlace(input)),
    };
  }
}

function isRange({ kind }: Expr): boolean {
  return kind === "matrix" || kind === "subquery";
}

function stepSeconds({ grid }: EvaluationTime): Float64Array {
  const seconds = new Float64Array(grid.count);
  for (let step = 0; step < grid.count; step++)
    seconds[step] = (grid.startMs + step * grid.stepMs) / 1000;
  return seconds;
}

/** Arguments behind the first, which are all texts. */
function textsOf(call: Call): readonly string[] {
  return call.args.slice(1).map((arg) => {
    const inner = bare(arg);
    return inner.kind === "string" ? inner.value : "";
  });
}
