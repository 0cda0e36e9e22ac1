import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Panel, type PanelState } from "./panel.tsx";

const panel = (state: PanelState) =>
  renderToStaticMarkup(
    <Panel title="Queue depth" state={state}>
      picture
    </Panel>,
  );

describe("a panel", () => {
  it("shows its picture when it has one", () => {
    expect(panel({ kind: "ready" })).toContain("picture");
  });

  it("never shows a picture that it does not have", () => {
    expect(panel({ kind: "loading" })).toContain("Loading");
    expect(panel({ kind: "loading" })).not.toContain("picture");
    expect(panel({ kind: "empty", text: "No series answers." })).toContain("No series answers.");
  });

  it("says what failed and how to mend it, and keeps the last picture dimmed", () => {
    const error = {
      kind: "error",
      code: "OPS-1203",
      message: "took too long",
      mend: "ask for less",
    } as const;
    expect(panel(error)).toMatch(/OPS-1203<\/b> took too long\. Ask for less/);
    expect(panel(error)).not.toContain("picture");
    expect(panel({ ...error, asOf: "as of 14:32:07 UTC" })).toMatch(
      /as of 14:32[\s\S]*hms-panel-stale[\s\S]*picture/,
    );
  });
});
