import { Crosshair, Palette } from "@hms-ops/panels";
import { createContext, type ReactNode, useContext, useState } from "react";

/** What the charts of one page share: the looks that names have, and where the reader points. */
export interface ChartScopeValue {
  readonly palette: Palette;
  readonly crosshair: Crosshair;
}

const ScopeContext = createContext<ChartScopeValue | undefined>(undefined);

/** Around the charts of a page; a name keeps its look in all of them. */
export function ChartScope({ children }: { readonly children: ReactNode }) {
  const [scope] = useState(makeScope);
  return <ScopeContext value={scope}>{children}</ScopeContext>;
}

/** A chart outside any scope has one of its own. */
export function useChartScope(): ChartScopeValue {
  const shared = useContext(ScopeContext);
  const [own] = useState(makeScope);
  return shared ?? own;
}

function makeScope(): ChartScopeValue {
  return { palette: new Palette(), crosshair: new Crosshair() };
}
