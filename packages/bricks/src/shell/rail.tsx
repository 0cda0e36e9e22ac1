import { Icon, type IconName } from "../icons.tsx";
import "./rail.css";

export interface RailItem {
  readonly href: string;
  readonly word: string;
  readonly icon: IconName;
  readonly current: boolean;
  /** A hairline before it: a new group. */
  readonly startsGroup?: boolean;
  /** How many fire; 0 shows nothing. */
  readonly count?: number;
}

export interface RailProps {
  readonly items: readonly RailItem[];
}

/** Where one can go: icon and word. At the left; on a phone at the bottom. */
export function Rail({ items }: RailProps) {
  return (
    <nav className="hms-rail" aria-label="Main">
      {items.map((item) => (
        <a
          key={item.href}
          href={item.href}
          aria-current={item.current ? "page" : undefined}
          className={item.startsGroup ? "hms-rail-group" : undefined}
        >
          <Icon name={item.icon} />
          {item.word}
          {item.count ? (
            <>
              <span className="hms-rail-count" aria-hidden="true">
                {item.count > 99 ? "99+" : item.count}
              </span>
              <span className="hms-hidden">, {item.count} firing</span>
            </>
          ) : null}
        </a>
      ))}
    </nav>
  );
}
