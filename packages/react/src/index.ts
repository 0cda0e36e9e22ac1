import type { Board } from "@hms-ops/model";
import type {
  HubAnswer,
  LivePage,
  LiveSource,
  LiveState,
  OpenAlert,
  PageAddress,
  PageTime,
  RangePicture,
  TimeText,
} from "@hms-ops/panels";
import type {
  BoardList,
  HubStatus,
  NotificationList,
  RuleList,
  ServiceList,
} from "@hms-ops/wire/api";
import type { ReactNode } from "react";

export interface HubProviderProps {
  /** One per page load: `new LivePage({ hub, clock })`. The provider tells it when the tab is hidden. */
  readonly page: LivePage;
  readonly address: PageAddress;
  readonly children: ReactNode;
}
export declare function HubProvider(props: HubProviderProps): ReactNode;
export declare function useHub(): LivePage;
/** Watches any live source; undefined or `visible: false` watches nothing and shows the last state. */
export declare function useLive<Data>(source: LiveSource<Data>, visible?: boolean): LiveState<Data>;

export interface QueryOptions {
  /** Absent = the page's refresh interval. */
  readonly refreshMs?: number;
  /** False: off screen, so not asked. */
  readonly visible?: boolean;
}
export declare function useInstantQuery(expr: string, options?: QueryOptions): LiveState<HubAnswer>;
export interface RangeQueryOptions extends QueryOptions {
  /** Absent = the page's range. */
  readonly time?: TimeText;
  readonly widthPx: number;
}
export declare function useRangeQuery(
  expr: string,
  options: RangeQueryOptions,
): LiveState<RangePicture>;
/** As many as there are expressions, in their order. */
export declare function useRangeQueries(
  exprs: readonly string[],
  options: RangeQueryOptions,
): readonly LiveState<RangePicture>[];
export declare function useStatus(): LiveState<HubStatus>;
export declare function useAlerts(): LiveState<readonly OpenAlert[]>;
export declare function useRules(): LiveState<RuleList>;
export declare function useServices(): LiveState<ServiceList>;
export declare function useNotifications(limit?: number): LiveState<NotificationList>;
export declare function useBoards(): LiveState<BoardList>;
export declare function useBoard(uid: string): LiveState<Board>;
export declare function useMetricNames(): LiveState<readonly string[]>;
/** The metric's value now, as a plain number; undefined while loading and when there is none. */
export declare function useMetric(name: string): number | undefined;
/** Time range, refresh and zone of the page; they live in the URL. */
export interface TimeRangeControl extends PageTime {
  set(change: Partial<PageTime>): void;
}
export declare function useTimeRange(defaults?: Partial<PageTime>): TimeRangeControl;
/** Now, again every `everyMs`: for clocks and "3 s ago". */
export declare function useNow(everyMs?: number): number;
