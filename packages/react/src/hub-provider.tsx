import { bug } from "@hms-ops/model";
import type { LivePage, PageAddress } from "@hms-ops/panels";
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";

export interface HubProviderProps {
  /** One per page load: `new LivePage({ hub, clock })`. It is told when the tab is hidden. */
  readonly page: LivePage;
  readonly address: PageAddress;
  readonly children: ReactNode;
}

interface HubContextValue {
  readonly page: LivePage;
  readonly address: PageAddress;
}

const HubContext = createContext<HubContextValue | undefined>(undefined);

/** Hands hub, clock and address to all hooks below it. */
export function HubProvider({ page, address, children }: HubProviderProps): ReactNode {
  useEffect(() => {
    const tell = () => page.setVisible(document.visibilityState !== "hidden");
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, [page]);
  const value = useMemo(() => ({ page, address }), [page, address]);
  return <HubContext value={value}>{children}</HubContext>;
}

export function useHub(): LivePage {
  return useHubContext().page;
}

export function useHubContext(): HubContextValue {
  return useContext(HubContext) ?? bug("a hook of @hms-ops/react outside <HubProvider>");
}
