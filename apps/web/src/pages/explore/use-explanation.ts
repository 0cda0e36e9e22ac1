import { HubClient } from "@hms-ops/client";
import { useHub } from "@hms-ops/react";
import { useEffect, useState } from "react";

export type Explanation = Awaited<ReturnType<HubClient["explain"]>>;
export type ExplainNote = Explanation["notes"][number];
export type ExplainStep = Explanation["steps"][number];
export type ExplainCost = NonNullable<Explanation["cost"]>;
export type PerTime = NonNullable<Explanation["per"]>["shown"];

/** The hub that served the page. */
export const explainer = new HubClient({ url: "" });

/** After the last key; a word that is being typed is not told to be wrong. */
const TYPED_MS = 400;

export interface Explained {
  /** The expression that is explained. */
  readonly text: string;
  readonly told: Explanation;
}

/**
 * What the hub says of an expression as it is typed. Undefined until it has been asked, and where
 * it does not answer: the page works without.
 */
export function useExplanation(text: string, drawn: boolean): Explained | undefined {
  const { clock } = useHub();
  const [explained, setExplained] = useState<Explained>();
  useEffect(() => {
    if (text.trim() === "") {
      setExplained(undefined);
      return;
    }
    const leave = new AbortController();
    const ask = () => {
      explainer.explain(text, { shortForms: true, drawn, signal: leave.signal }).then(
        (told) => {
          if (!leave.signal.aborted) setExplained({ text, told });
        },
        () => {
          if (!leave.signal.aborted) setExplained(undefined);
        },
      );
    };
    const forget = clock.after(TYPED_MS, ask);
    return () => {
      forget();
      leave.abort();
    };
  }, [text, drawn, clock]);
  return explained;
}
