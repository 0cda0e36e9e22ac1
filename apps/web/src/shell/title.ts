import { useEffect } from "react";

/** The tab's title: what this page shows, then whose it is. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · HMS-OPS`;
  }, [title]);
}
