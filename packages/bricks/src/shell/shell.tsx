import type { ReactNode } from "react";
import "./shell.css";

export interface ShellProps {
  readonly strip: ReactNode;
  readonly rail: ReactNode;
  /** Side panels reach the edges: the page pads itself. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** Strip, rail, and the one region that scrolls. */
export function Shell({ strip, rail, flush, children }: ShellProps) {
  return (
    <div className="hms-shell">
      <a className="hms-skip" href="#main">
        Skip to content
      </a>
      {strip}
      {rail}
      <main id="main" className={flush ? "hms-main hms-main-flush" : "hms-main"} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

export interface PageHeadProps {
  readonly title: ReactNode;
  /** Home's title is the answer itself and stands larger. */
  readonly large?: boolean;
  readonly crumbs?: readonly { readonly word: string; readonly href?: string }[];
  /** One line under the title: counts, a lead sentence. */
  readonly lead?: ReactNode;
  /** At most two main actions. */
  readonly actions?: ReactNode;
}

export function PageHead({ title, large, crumbs, lead, actions }: PageHeadProps) {
  return (
    <header className="hms-page-head">
      <div>
        {crumbs ? (
          <nav className="hms-crumbs" aria-label="Breadcrumb">
            <ol>
              {crumbs.map((crumb) => (
                <li key={crumb.word}>
                  {crumb.href ? <a href={crumb.href}>{crumb.word}</a> : crumb.word}
                </li>
              ))}
            </ol>
          </nav>
        ) : null}
        <h1 className={large ? "hms-big" : undefined}>{title}</h1>
        {lead ? <div className="hms-page-lead">{lead}</div> : null}
      </div>
      {actions ? <div className="hms-actions">{actions}</div> : null}
    </header>
  );
}
