import type { Panel, PanelQuery } from "@hms-ops/model";
import { MOST_SERIES } from "../limits.ts";
import type { RangePicture } from "../live/range-picture.ts";
import { nameSeries } from "../series/legend.ts";
import { summarize } from "../series/points.ts";
import type { NamedPoints } from "../series/sentence.ts";

/** One series of a panel, named and told where it came from. */
export interface PanelSeries extends NamedPoints {
  readonly queryIndex: number;
  readonly color: PanelQuery["color"];
}

/** All series of a panel's pictures, in the order of its queries. */
export function panelSeries(
  panel: Pick<Panel, "queries">,
  pictures: readonly (RangePicture | undefined)[],
): readonly PanelSeries[] {
  return panel.queries.flatMap((query, queryIndex) => {
    const found = (pictures[queryIndex]?.series ?? []).slice(0, MOST_SERIES);
    const names = nameSeries(
      found.map(({ labels }) => labels),
      query.legend,
    );
    return found.map(({ timesMs, values }, i) => ({
      key: `${queryIndex} ${names[i]} ${i}`,
      name: names[i] ?? "",
      timesMs,
      values,
      queryIndex,
      color: query.color,
    }));
  });
}

/** The value at the end of the picture; undefined when the series ended before it. */
export function currentValue(
  series: PanelSeries,
  pictures: readonly (RangePicture | undefined)[],
): number | undefined {
  const picture = pictures[series.queryIndex];
  const { last, lastMs } = summarize(series);
  if (!picture || Number.isNaN(last)) return undefined;
  return picture.range.toMs - lastMs <= 2.5 * picture.stepMs ? last : undefined;
}

/** The picture that says most about the panel's time: the first that is there. */
export function firstPicture(
  pictures: readonly (RangePicture | undefined)[],
): RangePicture | undefined {
  return pictures.find((picture) => picture !== undefined);
}
