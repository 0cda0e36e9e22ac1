import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { StatusLight, type StatusLightProps } from "./status-light.tsx";

const light = (props: Omit<StatusLightProps, "label">) =>
  renderToStaticMarkup(<StatusLight label="Latency OK" {...props} />);

describe("a status light", () => {
  it("says OK or Critical by word, shape and colour", () => {
    expect(light({ ok: true })).toMatch(/hms-glyph-ok[\s\S]*>OK</);
    expect(light({ ok: false })).toMatch(/hms-glyph-crit[\s\S]*>Critical</);
  });

  it("is neither green nor red while nothing is known", () => {
    for (const html of [light({ ok: undefined }), light({ ok: undefined, loading: false })]) {
      expect(html).toContain("hms-glyph-none");
      expect(html).not.toMatch(/-ok|-crit|>OK<|>Critical</);
    }
    expect(light({ ok: undefined })).toContain("Loading");
    expect(light({ ok: undefined, loading: false })).toContain("No data");
  });
});
