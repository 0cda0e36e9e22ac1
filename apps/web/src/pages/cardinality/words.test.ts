import { describe, expect, it } from "vitest";
import { cardinalitySentence, changeText, churnText } from "./words.ts";

const NONE = {
  series: 0,
  seriesHourAgo: 0,
  seriesDayAgo: 0,
  createdHour: 0,
  createdDay: 0,
  endedHour: 0,
  endedDay: 0,
};

describe("the words of the cardinality page", () => {
  it("say how many series there are, and whether that changes", () => {
    expect(cardinalitySentence({ ...NONE, series: 1_240, seriesDayAgo: 1_000 }, false)).toBe(
      "1,240 series, 240 more than a day ago",
    );
    expect(cardinalitySentence({ ...NONE, series: 7, seriesDayAgo: 9 }, false)).toBe(
      "7 series, 2 fewer than a day ago",
    );
    expect(cardinalitySentence(NONE, false)).toBe("0 series, as many as a day ago");
    expect(cardinalitySentence({ ...NONE, series: 7 }, true)).toBe("7 series");
  });

  it("carry the sign of a change, and a share that is small but not none", () => {
    expect([changeText(12), changeText(-3_000), changeText(0)]).toEqual(["+ 12", "− 3,000", "0"]);
    expect(churnText({ ...NONE, series: 1_000, createdHour: 3 })).toBe("< 1 %");
    expect(churnText({ ...NONE, series: 10, createdHour: 4 })).toBe("40 %");
    expect(churnText(NONE)).toBe("–");
  });
});
