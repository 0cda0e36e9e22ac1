import {
  Icon,
  Menu,
  MissionStrip,
  Rail,
  type RailItem,
  Shell,
  THEME_WORDS,
  THEMES,
} from "@hms-mfe/bricks";
import { resolveTimeRange, shiftTime, zoomOutTime } from "@hms-ops/panels";
import { useHub, useNow, useStatus, useTimeRange } from "@hms-ops/react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Route } from "../router.ts";
import { useRoute, useRouter, useSearch } from "./address.ts";
import { HelpDialog } from "./help-dialog.tsx";
import { useShortcutsSwitch, useTheme } from "./preferences.ts";
import { useShortcuts } from "./shortcuts.ts";
import { TimeControls } from "./time-controls.tsx";

/** Everything around a page: strip, rail, help, keys. */
export function Chrome({ children }: { readonly children: ReactNode }) {
  const route = useRoute();
  const status = useStatus();
  const nowMs = useNow(1_000);
  const [help, setHelp] = useState(false);
  const [picker, setPicker] = useState(false);
  const [shortcutsOn, setShortcutsOn] = useShortcutsSwitch();
  const [theme, setTheme] = useTheme();
  usePageKeys(shortcutsOn, () => setHelp(true));
  useFocusOnNavigation(route);
  const hub = status.data;
  useKiosk();
  useFavicon(hub?.alerts.oldestCritical != null);
  return (
    <Shell
      strip={
        <MissionStrip
          hubName={hub?.hub.name}
          nowMs={nowMs}
          alerts={hub?.alerts}
          ingest={hub?.ingest}
          lostSinceMs={status.error ? (status.lastSuccessMs ?? nowMs) : undefined}
          homeHref="/"
          time={<TimeControls nowMs={nowMs} open={picker} onOpen={setPicker} />}
          tools={
            <>
              <button
                type="button"
                className="hms-strip-button"
                aria-label="Help"
                title="Help (?)"
                onClick={() => setHelp(true)}
              >
                <Icon name="help" />
              </button>
              <Menu
                label="Theme"
                button={<Icon name="theme" />}
                buttonClassName="hms-strip-button"
                choices={THEMES.map((value) => ({ value, word: THEME_WORDS[value] }))}
                value={theme}
                onChoose={setTheme}
              />
            </>
          }
        />
      }
      rail={<Rail items={railItems(route, hub?.alerts.firing ?? 0)} />}
      flush={route.page === "explore"}
    >
      {children}
      <HelpDialog
        open={help}
        onClose={() => setHelp(false)}
        shortcutsOn={shortcutsOn}
        onShortcuts={setShortcutsOn}
        version={hub?.hub.version}
      />
    </Shell>
  );
}

function railItems(route: Route, firing: number): readonly RailItem[] {
  const { page } = route;
  return [
    { href: "/", word: "Home", icon: "home", current: page === "home" },
    { href: "/explore", word: "Explore", icon: "explore", current: page === "explore" },
    {
      href: "/boards",
      word: "Boards",
      icon: "boards",
      current: page === "boards" || page === "board",
    },
    {
      href: "/alerts",
      word: "Alerts",
      icon: "alerts",
      current: page === "alerts",
      startsGroup: true,
      count: firing,
    },
    { href: "/cardinality", word: "Series", icon: "series", current: page === "cardinality" },
  ];
}

function usePageKeys(on: boolean, openHelp: () => void): void {
  const router = useRouter();
  const live = useHub();
  const { values, change } = useSearch();
  const { time, zone, set } = useTimeRange();
  const range = () => resolveTimeRange(time, live.clock.now(), zone);
  const shift = (direction: -1 | 1) => {
    const now = range();
    if (now) set({ time: shiftTime(now, direction) });
  };
  useShortcuts(on, {
    "g h": () => router.visit("/"),
    "g e": () => router.visit("/explore"),
    "g d": () => router.visit("/boards"),
    "g a": () => router.visit("/alerts"),
    "g s": () => router.visit("/cardinality"),
    "t z": () => {
      const now = range();
      if (now) set({ time: zoomOutTime(now) });
    },
    "t ←": () => shift(-1),
    "t →": () => shift(1),
    "d r": () => live.refreshAll(),
    "d k": () => change({ kiosk: values.has("kiosk") ? undefined : "" }),
    "/": () => document.querySelector<HTMLElement>("[data-page-search]")?.focus(),
    "?": openHelp,
    Esc: () => {
      if (values.has("kiosk")) change({ kiosk: undefined });
    },
  });
}

/** A new page begins at its top, for the eye and for a screen reader. */
function useFocusOnNavigation(route: Route): void {
  const name = route.page === "board" ? `board ${route.uid}` : route.page;
  const first = useRef(name);
  useEffect(() => {
    if (first.current === name) return;
    first.current = name;
    const main = document.getElementById("main");
    main?.focus({ preventScroll: true });
    main?.scrollTo({ top: 0 });
  }, [name]);
}

function useFavicon(tilted: boolean): void {
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    if (icon) icon.href = tilted ? "/mark-tilted.svg" : "/mark.svg";
  }, [tilted]);
}

/** `?kiosk`: a wall screen, dark unless the reader chose a theme. */
function useKiosk(): void {
  const { values } = useSearch();
  const on = values.has("kiosk");
  useEffect(() => {
    if (!on) return;
    const root = document.documentElement;
    const theme = root.dataset.theme;
    root.dataset.kiosk = "";
    root.dataset.theme = theme ?? "dark";
    return () => {
      delete root.dataset.kiosk;
      if (theme === undefined) delete root.dataset.theme;
    };
  }, [on]);
}
