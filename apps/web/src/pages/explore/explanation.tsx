import { Button, SegmentedBar, StatusGlyph } from "@hms-mfe/bricks";
import { Fragment } from "react";
import type { Explained, ExplainNote, PerTime } from "./use-explanation.ts";
import { capital, sentenceOf } from "./words.ts";

interface ExplanationProps {
  readonly explained: Explained;
  /** What is typed now; notes of what was typed before are not shown. */
  readonly current: boolean;
  onUse(query: string): void;
  onShow(note: ExplainNote): void;
}

const PER_WORDS: readonly { readonly value: PerTime; readonly word: string }[] = [
  { value: "second", word: "Per second" },
  { value: "minute", word: "Per minute" },
  { value: "hour", word: "Per hour" },
];

/** In plain words: what is computed, as what it was understood, and what is odd about it. */
export function ExplanationOf({ explained, current, onUse, onShow }: ExplanationProps) {
  const { told, text } = explained;
  return (
    <div className="explore-told" data-current={current}>
      {told.sentence === "" ? null : <Sentence text={told.sentence} />}
      {told.promql !== "" && told.promql !== text ? (
        <Understood notes={told.rewritten} promql={told.promql} onUse={onUse} />
      ) : null}
      {told.per ? (
        <div className="explore-per">
          <SegmentedBar
            label="Count per"
            small
            segments={PER_WORDS}
            value={told.per.shown}
            onChange={(per) => onUse(told.per?.queries[per] ?? text)}
          />
        </div>
      ) : null}
      <ul className="explore-notes">
        {current
          ? told.notes.map((note) => (
              <Note
                key={`${note.from} ${note.message}`}
                note={note}
                onUse={onUse}
                onShow={onShow}
              />
            ))
          : null}
      </ul>
    </div>
  );
}

/** Names stand in it as they are written, between backticks. */
function Sentence({ text }: { readonly text: string }) {
  return (
    <p className="explore-sentence">
      {text.split("`").map((part, i) =>
        i % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place is the identity, words come twice.
          <code key={i} className="hms-code">
            {part}
          </code>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above.
          <Fragment key={i}>{part}</Fragment>
        ),
      )}
    </p>
  );
}

interface UnderstoodProps {
  readonly notes: readonly string[];
  readonly promql: string;
  onUse(query: string): void;
}

function Understood({ notes, promql, onUse }: UnderstoodProps) {
  // The mini dialect's note is the PromQL itself, which stands below anyway.
  const words = notes.filter((note) => !note.startsWith("in PromQL: "));
  return (
    <div className="explore-understood">
      <span className="hms-small hms-dim">In PromQL</span>
      <div>
        <code className="hms-code">{promql}</code>
        {words.map((note) => (
          <p className="hms-small hms-dim" key={note}>
            {note}
          </p>
        ))}
      </div>
      <Button look="quiet" onClick={() => onUse(promql)}>
        Use this
      </Button>
    </div>
  );
}

const STATES = { error: "crit", warning: "warn" } as const;
const WORDS = { error: "Error", warning: "Warning", info: "Hint" } as const;

interface NoteProps {
  readonly note: ExplainNote;
  onUse(query: string): void;
  onShow(note: ExplainNote): void;
}

function Note({ note, onUse, onShow }: NoteProps) {
  const { severity, message, suggestion, position, fixes } = note;
  return (
    <li className={`explore-note explore-note-${severity}`}>
      <span className="explore-note-kind">
        {severity === "info" ? <HintGlyph /> : <StatusGlyph state={STATES[severity]} />}
        {WORDS[severity]}
      </span>
      <p>
        {capital(message)}
        {/[.?!]$/.test(message) ? " " : ". "}
        {suggestion ? <span className="hms-dim">{sentenceOf(suggestion)} </span> : null}
        <button
          type="button"
          className="explore-note-place"
          aria-label={`${position}, show this place in the editor`}
          onClick={() => onShow(note)}
        >
          {position}
        </button>
      </p>
      {fixes.length > 0 ? (
        <span className="explore-note-fixes">
          {fixes.map(({ words, query }) => (
            <Button key={query} onClick={() => onUse(query)} title={query}>
              {words}
            </Button>
          ))}
        </span>
      ) : null}
    </li>
  );
}

/** A hint is no state of the agency: it wears no status colour. */
function HintGlyph() {
  return (
    <svg className="hms-glyph" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M8 7v4.6M8 4v1.8" stroke="currentColor" strokeWidth="1.8" />
    </svg>
  );
}

/** For a screen reader, once the typing rests: how much there is to say, and the first of it. */
export function spokenNotes(notes: readonly ExplainNote[]): string {
  const [first] = notes;
  if (first === undefined) return "";
  const more = notes.length > 1 ? ` And ${notes.length - 1} more below the expression.` : "";
  const mend = first.suggestion ? ` ${sentenceOf(first.suggestion)}` : "";
  const place = first.position.replace(":", ", column ");
  return `${WORDS[first.severity]} at line ${place}: ${first.message}.${mend}${more}`;
}
