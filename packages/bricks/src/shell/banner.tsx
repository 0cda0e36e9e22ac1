import type { ReactNode } from "react";
import { StatusGlyph } from "../status/status-mark.tsx";
import "./banner.css";

export interface BannerFact {
  /** `Probable source`, `How big`, `Who has it` */
  readonly name: string;
  readonly text: ReactNode;
}

export interface BannerProps {
  readonly state: "warn" | "crit";
  /** One line of fact: what, how much, the limit, since when. */
  readonly children: ReactNode;
  readonly facts?: readonly BannerFact[];
  readonly actions?: ReactNode;
}

/**
 * The worst of the page. The glyph blinks five times at one second, then stands; under reduced
 * motion it stands at once. A screen reader hears it when it appears.
 */
export function Banner({ state, children, facts, actions }: BannerProps) {
  return (
    <section className={`hms-banner hms-banner-${state}`} role="alert">
      <StatusGlyph state={state} />
      <div>
        <p className="hms-banner-fact">{children}</p>
        {facts && facts.length > 0 ? (
          <dl>
            {facts.map((fact) => (
              <div key={fact.name}>
                <dt>{fact.name}</dt>
                <dd>{fact.text}</dd>
              </div>
            ))}
          </dl>
        ) : null}
      </div>
      {actions ? <div className="hms-actions">{actions}</div> : null}
    </section>
  );
}
