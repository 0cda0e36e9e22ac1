/** Pictures of the rail, the strip and buttons: 20 × 20, one stroke. Never without a word or a label. */
const PATHS = {
  home: "M3 10a7 7 0 1 0 14 0a7 7 0 1 0 -14 0M3 11h14M10 7v0",
  explore: "M3 16V4M3 16h14M5.5 12.5l3.5-4 3 2.5 4.5-6",
  boards: "M3 3.5h6v7H3zM12 3.5h5v4h-5zM12 10.5h5v6h-5zM3 13.5h6v3H3z",
  alerts: "M10 3.2L17 16H3zM10 8v4M10 13.6v.4",
  series: "M3 5h14M3 10h9M3 15h5",
  search: "M3.5 9a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0M13.2 13.2L17 17",
  help: "M7 7.5a3 3 0 1 1 4.5 2.5C10.5 10.7 10 11.3 10 12.5M10 15v.5",
  refresh: "M16 10a6 6 0 1 1-2-4.5M14.5 2.5v3.5H11",
  pause: "M7 5v10M13 5v10",
  clock: "M3 10a7 7 0 1 0 14 0a7 7 0 1 0 -14 0M10 6v4.5l3 2",
  down: "M5 8l5 5 5-5",
  link: "M8 6H4v8h4M12 6h4v8h-4M7 10h6",
  close: "M5 5l10 10M15 5L5 15",
  plus: "M10 4v12M4 10h12",
  copy: "M7 7h9v9H7zM4 13V4h9",
  screen: "M3 4h14v9H3zM7 16.5h6M10 13v3.500",
} as const;

export type IconName = keyof typeof PATHS | "theme";

export interface IconProps {
  readonly name: IconName;
  readonly small?: boolean;
}

/** Always decoration: the word beside it, or the label of its button, says what it means. */
export function Icon({ name, small }: IconProps) {
  return (
    <svg
      className={small ? "hms-icon hms-icon-small" : "hms-icon"}
      viewBox="0 0 20 20"
      aria-hidden="true"
    >
      {name === "theme" ? (
        <>
          <circle cx="10" cy="10" r="6.5" />
          <path d="M10 3.5a6.5 6.5 0 0 1 0 13z" fill="currentColor" />
        </>
      ) : (
        <path d={PATHS[name]} />
      )}
    </svg>
  );
}
