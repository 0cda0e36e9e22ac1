import { ChartScope, Empty, PageHead } from "@hms-mfe/bricks";
import type { LivePage } from "@hms-ops/panels";
import { HubProvider } from "@hms-ops/react";
import { Component, lazy, type ReactNode, StrictMode, Suspense } from "react";
import type { Route, Router } from "./router.ts";
import { RouterContext, useRoute } from "./shell/address.ts";
import { Chrome } from "./shell/chrome.tsx";
import { useOwnCommand } from "./shell/own-command.ts";
import { useTitle } from "./shell/title.ts";

interface AppProps {
  readonly live: LivePage;
  readonly router: Router;
}

export function App({ live, router }: AppProps) {
  return (
    <StrictMode>
      <RouterContext value={router}>
        <HubProvider page={live} address={router}>
          <Chrome>
            <Pages />
          </Chrome>
        </HubProvider>
      </RouterContext>
    </StrictMode>
  );
}

/** One script a page: only what the first one shows is loaded with it. */
const PAGES = {
  home: lazy(() => import("./pages/home/home-page.tsx").then((m) => ({ default: m.HomePage }))),
  explore: lazy(() =>
    import("./pages/explore/explore-page.tsx").then((m) => ({ default: m.ExplorePage })),
  ),
  boards: lazy(() =>
    import("./pages/boards/boards-page.tsx").then((m) => ({ default: m.BoardsPage })),
  ),
  cardinality: lazy(() =>
    import("./pages/cardinality/cardinality-page.tsx").then((m) => ({
      default: m.CardinalityPage,
    })),
  ),
  alerts: lazy(() =>
    import("./pages/alerts/alerts-page.tsx").then((m) => ({ default: m.AlertsPage })),
  ),
};
const BoardPage = lazy(() =>
  import("./pages/boards/board-page.tsx").then((m) => ({ default: m.BoardPage })),
);

function Pages() {
  const route = useRoute();
  return (
    <PageGuard key={route.page}>
      <ChartScope>
        <Suspense fallback={null}>{pageOf(route)}</Suspense>
      </ChartScope>
    </PageGuard>
  );
}

function pageOf(route: Route): ReactNode {
  if (route.page === "board") return <BoardPage key={route.uid} uid={route.uid} />;
  if (route.page === "missing") return <MissingPage />;
  const Page = PAGES[route.page];
  return <Page />;
}

function MissingPage() {
  useTitle("Not found");
  return (
    <>
      <PageHead title="There is no page at this address" />
      <Empty command={`${useOwnCommand()} status`}>
        Go <a href="/">home</a>, or ask the hub for its address:
      </Empty>
    </>
  );
}

/** A page that fails must not take strip and rail with it. */
class PageGuard extends Component<{ readonly children: ReactNode }, { readonly failure: string }> {
  override state = { failure: "" };

  static getDerivedStateFromError(error: unknown) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.failure === "") return this.props.children;
    return (
      <>
        <PageHead title="This page cannot be shown" />
        <p>
          {this.state.failure}. <a href={location.href}>Load it again</a>; the hub goes on.
        </p>
      </>
    );
  }
}
