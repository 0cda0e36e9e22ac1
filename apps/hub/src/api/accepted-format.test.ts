import { expect, it } from "vitest";
import { acceptedFormat } from "./accepted-format.ts";

it("an answer is written as the caller asks for most, else as JSON", () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, "json"],
    ["*/*", "json"],
    ["text/csv", "csv"],
    ["text/html, text/csv;q=0.5", "csv"],
    ["text/csv;q=0.5, application/json", "json"],
    ["Application/VND.Apache.Arrow.Stream", "arrow"],
    ["text/csv; charset=utf-8; q=0.1, application/vnd.apache.arrow.stream; q=0.2", "arrow"],
    ["text/csv;q=0", "json"],
    ["text/csv;q=x", "json"],
  ];
  for (const [accept, format] of cases) expect(acceptedFormat(accept), accept).toBe(format);
});
