import { type InputHTMLAttributes, type ReactNode, useId } from "react";
import { StatusGlyph } from "../status/status-mark.tsx";
import "./field.css";

export interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  /** The label is for screen readers alone: the place says it (a search over a list). */
  readonly hideLabel?: boolean;
  readonly help?: string;
  /** The reason and an example; empty or absent = none. */
  readonly problem?: string;
  readonly before?: ReactNode;
  readonly after?: ReactNode;
}

/** Label above, help below, the error below that. */
export function Field({ label, hideLabel, help, problem, before, after, ...input }: FieldProps) {
  const id = useId();
  const describedBy = [help ? `${id}-help` : "", problem ? `${id}-problem` : ""].join(" ").trim();
  return (
    <div className="hms-field">
      <label className={hideLabel ? "hms-hidden" : "hms-field-label"} htmlFor={id}>
        {label}
      </label>
      <span className="hms-field-box">
        {before}
        <input
          {...input}
          id={id}
          aria-invalid={problem ? true : undefined}
          aria-describedby={describedBy === "" ? undefined : describedBy}
        />
        {after}
      </span>
      {help ? (
        <p className="hms-small hms-dim" id={`${id}-help`}>
          {help}
        </p>
      ) : null}
      {problem ? (
        <p className="hms-field-problem" id={`${id}-problem`} role="alert">
          <StatusGlyph state="crit" /> {problem}
        </p>
      ) : null}
    </div>
  );
}

export interface SelectFieldProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly { readonly value: string; readonly word: string }[];
  onChange(value: string): void;
}

export function SelectField({ label, value, choices, onChange }: SelectFieldProps) {
  const id = useId();
  return (
    <div className="hms-field">
      <label className="hms-field-label" htmlFor={id}>
        {label}
      </label>
      <span className="hms-field-box">
        <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.word}
            </option>
          ))}
        </select>
      </span>
    </div>
  );
}
