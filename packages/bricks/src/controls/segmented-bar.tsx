import "./segmented-bar.css";

export interface Segment<Value extends string> {
  readonly value: Value;
  readonly word: string;
}

export interface SegmentedBarProps<Value extends string> {
  /** What is switched, for a screen reader. */
  readonly label: string;
  readonly segments: readonly Segment<Value>[];
  readonly value: Value;
  readonly small?: boolean;
  onChange(value: Value): void;
}

/** A switch of two to five; the chosen one stands on a 3 px foot. */
export function SegmentedBar<Value extends string>(props: SegmentedBarProps<Value>) {
  return (
    <fieldset className={props.small ? "hms-segments hms-segments-small" : "hms-segments"}>
      <legend className="hms-hidden">{props.label}</legend>
      {props.segments.map((segment) => (
        <button
          key={segment.value}
          type="button"
          aria-pressed={segment.value === props.value}
          onClick={() => props.onChange(segment.value)}
        >
          {segment.word}
        </button>
      ))}
    </fieldset>
  );
}
