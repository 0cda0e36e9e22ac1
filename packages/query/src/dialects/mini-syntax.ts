import { type MatchOperator, parseDurationMs } from "@hms-ops/model";
import { MOST_QUERY_LENGTH } from "../limits.ts";

/**
 * The mini dialect: a condition as people say it.
 *
 *   statement = [ "IF" | "SELECT" ] condition { ("AND" | "OR") condition } [ "FOR" duration ]
 *   condition = measure [ ">" | "<" | ">=" | "<=" | "=" | "==" | "!=" | "<>" number ]
 *   measure   = metric { clause } | function "(" metric { clause } ")" { clause }
 *   function  = "avg" | "min" | "max" | "sum" | "count" | "last" | "rate" | "increase" | pNN
 *   clause    = "WHERE" test { ("AND" | ",") test } | "OVER" duration | "LAST" duration
 *             | "[" duration "]" | "PER" ("SECOND" | "MINUTE" | "HOUR") | "BY" label { "," label }
 *   test      = label ("=" | "!=" | "<>" | "=~" | "!~") text
 *   duration  = 30s | 1h30m | 5 min | 3 minutes | 2 hours | 1 day
 *
 * Words are read in any case. Metric and label names may have dots; texts stand in ' or ".
 */
export interface MiniStatement {
  readonly conditions: readonly MiniCondition[];
  /** Between the conditions: `and` binds tighter. */
  readonly joins: readonly ("and" | "or")[];
  /** 0 = at once. */
  readonly forMs: number;
}

export interface MiniCondition {
  /** Empty: the metric as it is. */
  readonly reducer: string;
  readonly metric: string;
  readonly tests: readonly MiniTest[];
  readonly windowMs?: number;
  readonly perMs?: number;
  readonly by: readonly string[];
  readonly comparison?: { readonly operator: string; readonly number: string };
}

export interface MiniTest {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

/** Why a text is no statement, and where. */
export interface MiniProblem {
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

interface Piece {
  readonly kind: "word" | "number" | "text" | "sign" | "end";
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const PIECE =
  /\s*(?:([\p{L}_:][\p{L}\p{N}_:.]*)|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|'([^']*)'|"([^"]*)"|(>=|<=|==|!=|<>|=~|!~|[><=(),[\]]))/uy;
const REDUCER = /^(?:avg|mean|min|max|sum|count|last|rate|increase|p\d{1,2}(?:_?\d)?)$/;
const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
};
const COMPARISONS: Readonly<Record<string, string>> = {
  ">": ">",
  "<": "<",
  ">=": ">=",
  "<=": "<=",
  "=": "==",
  "==": "==",
  "!=": "!=",
  "<>": "!=",
};
const TESTS: Readonly<Record<string, MatchOperator>> = {
  "=": "=",
  "==": "=",
  "!=": "!=",
  "<>": "!=",
  "=~": "=~",
  "!~": "!~",
};
/** Words that go on; no metric is called so here. */
const GOING_ON = /^(?:where|over|last|per|by|for|and|or)$/i;
/** Most conditions of one statement. */
const MOST_CONDITIONS = 50;

class Stop extends Error {
  readonly problem: MiniProblem;

  constructor(problem: MiniProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Reads a statement; never throws. */
export function readMini(text: string): MiniStatement | { readonly problem: MiniProblem } {
  if (text.length > MOST_QUERY_LENGTH) {
    const message = `statement is longer than ${MOST_QUERY_LENGTH} characters`;
    return { problem: { message, from: 0, to: 0 } };
  }
  try {
    return new Reader(text).statement();
  } catch (error) {
    if (error instanceof Stop) return { problem: error.problem };
    throw error;
  }
}

class Reader {
  readonly #pieces: readonly Piece[];
  #at = 0;

  constructor(text: string) {
    this.#pieces = piecesOf(text);
  }

  statement(): MiniStatement {
    if (!this.#word("if")) this.#word("select");
    const conditions = [this.#condition()];
    const joins: ("and" | "or")[] = [];
    for (;;) {
      const join = this.#word("and") ? "and" : this.#word("or") ? "or" : undefined;
      if (join === undefined) break;
      joins.push(join);
      conditions.push(this.#condition());
      if (conditions.length > MOST_CONDITIONS) this.#stop(`at most ${MOST_CONDITIONS} conditions`);
    }
    const forMs = this.#word("for") ? this.#duration() : 0;
    if (this.#peek().kind !== "end") this.#stop("write AND, OR or FOR, or end here");
    return { conditions, joins, forMs };
  }

  #condition(): MiniCondition {
    const reducer = this.#reducer();
    const metric = this.#name("a metric");
    let clauses = this.#clauses({ tests: [], by: [] });
    if (reducer !== "") {
      this.#sign(")");
      clauses = this.#clauses(clauses);
    }
    const operator = COMPARISONS[this.#peek().text];
    if (this.#peek().kind !== "sign" || operator === undefined)
      return { reducer, metric, ...clauses };
    this.#at++;
    const number = this.#read("number", "a number");
    return { reducer, metric, ...clauses, comparison: { operator, number } };
  }

  #reducer(): string {
    const word = this.#peek().text.toLowerCase();
    const opens = this.#peek(1).text === "(" && this.#peek(1).kind === "sign";
    if (this.#peek().kind !== "word" || !opens) return "";
    if (!REDUCER.test(word)) {
      this.#stop("write avg, min, max, sum, count, last, rate, increase or p95");
    }
    this.#at += 2;
    return word === "mean" ? "avg" : word;
  }

  #clauses(before: Clauses): Clauses {
    let clauses = before;
    for (;;) {
      if (this.#word("where"))
        clauses = { ...clauses, tests: [...clauses.tests, ...this.#tests()] };
      else if (this.#isLast() || this.#word("over")) {
        clauses = { ...clauses, windowMs: this.#duration() };
      } else if (this.#taken("[")) {
        clauses = { ...clauses, windowMs: this.#duration() };
        this.#sign("]");
      } else if (this.#word("per")) clauses = { ...clauses, perMs: this.#unit() };
      else if (this.#word("by")) clauses = { ...clauses, by: [...clauses.by, ...this.#labels()] };
      else return clauses;
    }
  }

  /** `LAST 5 min`, not a metric of that name. */
  #isLast(): boolean {
    return this.#peek(1).kind === "number" && this.#word("last");
  }

  #tests(): readonly MiniTest[] {
    const tests: MiniTest[] = [];
    do tests.push(this.#test());
    while (this.#taken(",") || (this.#nextIsTest() && this.#word("and")));
    return tests;
  }

  /** After AND: a label with a text is one more test, anything else the next condition. */
  #nextIsTest(): boolean {
    return (
      this.#peek(2).kind === "sign" &&
      TESTS[this.#peek(2).text] !== undefined &&
      this.#peek(3).kind === "text"
    );
  }

  #test(): MiniTest {
    const name = this.#name("a label");
    const operator = TESTS[this.#peek().text];
    if (operator === undefined) this.#stop("write =, !=, =~ or !~");
    this.#at++;
    return { name, operator, value: this.#read("text", "a text in quotes") };
  }

  #labels(): readonly string[] {
    const labels = [this.#name("a label")];
    while (this.#taken(",")) labels.push(this.#name("a label"));
    return labels;
  }

  /** `5 min`, `30s`, `1h30m`. */
  #duration(): number {
    let totalMs = 0;
    do {
      const number = this.#read("number", "a duration: 30s, 5 min");
      const compact = parseDurationMs(number + this.#peek().text);
      if (compact === undefined) totalMs += Number(number) * this.#unit();
      else {
        totalMs += compact;
        this.#at++;
      }
    } while (this.#peek().kind === "number");
    if (!(totalMs > 0)) this.#stop("a duration must be longer than 0");
    return totalMs;
  }

  #unit(): number {
    const { text } = this.#peek();
    const unit = UNITS_MS[text.toLowerCase()] ?? UNITS_MS[text.toLowerCase().replace(/s$/, "")];
    if (unit === undefined) this.#stop("write a unit of time: s, min, hours");
    this.#at++;
    return unit;
  }

  #name(what: string): string {
    const { kind, text } = this.#peek();
    if (kind !== "word" || GOING_ON.test(text)) this.#stop(`write ${what}`);
    this.#at++;
    return text;
  }

  #read(kind: Piece["kind"], what: string): string {
    const piece = this.#peek();
    if (piece.kind !== kind) this.#stop(`write ${what}`);
    this.#at++;
    return piece.text;
  }

  #sign(text: string): void {
    if (!this.#taken(text)) this.#stop(`write "${text}"`);
  }

  #taken(text: string): boolean {
    const { kind, text: found } = this.#peek();
    if (kind !== "sign" || found !== text) return false;
    this.#at++;
    return true;
  }

  #word(word: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== "word" || text.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }

  #peek(ahead = 0): Piece {
    const end = { kind: "end", text: "", from: 0, to: 0 } as const;
    return this.#pieces[this.#at + ahead] ?? this.#pieces[this.#pieces.length - 1] ?? end;
  }

  #stop(message: string): never {
    const { from, to } = this.#peek();
    throw new Stop({ message, from, to });
  }
}

type Clauses = Pick<MiniCondition, "tests" | "windowMs" | "perMs" | "by">;

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  PIECE.lastIndex = 0;
  let at = 0;
  for (;;) {
    PIECE.lastIndex = at;
    const match = PIECE.exec(text);
    if (match === null) break;
    at = PIECE.lastIndex;
    pieces.push(pieceOf(match, at));
  }
  const rest = text.slice(at).trim();
  if (rest === "")
    return [...pieces, { kind: "end", text: "", from: text.length, to: text.length }];
  const from = text.length - text.slice(at).trimStart().length;
  throw new Stop({
    message: `${JSON.stringify(rest.charAt(0))} means nothing here`,
    from,
    to: from + 1,
  });
}

function pieceOf(match: RegExpExecArray, to: number): Piece {
  const [whole, word, number, single, double, sign] = match;
  const from = to - whole.trimStart().length;
  if (word !== undefined) return { kind: "word", text: word, from, to };
  if (number !== undefined) return { kind: "number", text: number, from, to };
  const text = single ?? double;
  if (text !== undefined) return { kind: "text", text, from, to };
  return { kind: "sign", text: sign ?? "", from, to };
}
