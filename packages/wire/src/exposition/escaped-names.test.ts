import { expect, it } from "vitest";
import { acceptedEscaping, escapedName } from "./index.ts";

it("the names that a reader can take are those it accepts before or with the text format", () => {
  for (const [accept, escaping] of [
    [undefined, "underscores"],
    ["text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "underscores"],
    ["text/plain;version=1.0.0;escaping=allow-utf-8", "allow-utf-8"],
    ["*/*;escaping=allow-utf-8", "allow-utf-8"],
    ["text/plain; escaping=dots; q=0.2, text/plain; escaping=values; q=0.9", "values"],
    ["text/plain, application/openmetrics-text;escaping=allow-utf-8", "underscores"],
    ["application/openmetrics-text;escaping=allow-utf-8,text/plain", "allow-utf-8"],
    ["text/plain;escaping=nope", "underscores"],
  ] as const) {
    expect(acceptedEscaping(accept), accept).toBe(escaping);
  }
});

it("names are escaped as Prometheus escapes them, those of ASCII not at all", () => {
  const all = (name: string) =>
    (["allow-utf-8", "underscores", "dots", "values"] as const).map((one) =>
      escapedName(name, one),
    );
  expect(all("a_b:c")).toEqual(["a_b:c", "a_b:c", "a_b:c", "a_b:c"]);
  expect(all("größe")).toEqual(["größe", "gr__e", "gr____e", "U__gr_f6__df_e"]);
  expect(all("http.req_s")).toEqual([
    "http.req_s",
    "http_req_s",
    "http_dot_req__s",
    "U__http_2e_req__s",
  ]);
  expect(all("1a🙂")).toEqual(["1a🙂", "_a_", "__a__", "U___31_a_1f642_"]);
});
