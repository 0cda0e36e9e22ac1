import { describeTime, readTimeInput, type TimeText } from "@hms-ops/panels";
import { type FormEvent, useState } from "react";
import { Icon } from "../icons.tsx";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Field, SelectField } from "./field.tsx";
import "./time-picker.css";

export interface TimePickerProps {
  readonly time: TimeText;
  /** `UTC`, `browser` or an IANA name. */
  readonly zone: string;
  readonly zones: readonly string[];
  readonly nowMs: number;
  /** `13:32–14:32`, beside the words where there is room. */
  readonly absolute: string;
  readonly open: boolean;
  onOpen(open: boolean): void;
  onTime(time: TimeText): void;
  onZone(zone: string): void;
}

const RANGES = ["5m", "15m", "30m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "30d"] as const;

/** One range for the page: a button that says it, and a dialog to choose or type another. */
export function TimePicker(props: TimePickerProps) {
  const { time, zone, zones, absolute, open, onOpen, onTime, onZone } = props;
  return (
    <>
      <button
        type="button"
        className="hms-strip-button"
        aria-haspopup="dialog"
        title="Time range"
        onClick={() => onOpen(true)}
      >
        <Icon name="clock" />
        <span>
          <span className="hms-hidden">Time range: </span>
          {describeTime(time, zone)}
        </span>
        <span className="hms-strip-absolute hms-strip-dim hms-number">{absolute}</span>
      </button>
      <Dialog title="Time range" place="corner" open={open} onClose={() => onOpen(false)}>
        <div className="hms-time">
          <TypedRange {...props} />
          <div className="hms-time-ranges">
            {RANGES.map((range) => {
              const text = { from: `now-${range}`, to: "now" };
              return (
                <button
                  key={range}
                  type="button"
                  aria-pressed={time.to === "now" && time.from === text.from}
                  onClick={() => {
                    onTime(text);
                    onOpen(false);
                  }}
                >
                  {describeTime(text, zone)}
                </button>
              );
            })}
          </div>
          <SelectField
            label="Time zone"
            value={zone}
            choices={zones.map((name) => ({ value: name, word: name }))}
            onChange={onZone}
          />
        </div>
      </Dialog>
    </>
  );
}

function TypedRange({ time, zone, nowMs, onTime, onOpen }: TimePickerProps) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");
  function apply(event: FormEvent) {
    event.preventDefault();
    const input = readTimeInput(text, nowMs, zone);
    setProblem(input.problem);
    if (!input.time) return;
    onTime(input.time);
    onOpen(false);
  }
  return (
    <form onSubmit={apply} className="hms-time-typed">
      <Field
        label="Type a range or a moment"
        help="3h · yesterday · 2026-11-17 08:00 to 09:00 · 1763388720"
        problem={problem}
        value={text}
        placeholder={`${time.from} to ${time.to}`}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" look="main">
        Show
      </Button>
    </form>
  );
}
