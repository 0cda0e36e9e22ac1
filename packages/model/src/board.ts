/** A board as it is stored (a JSON file in dashboards/) and drawn. Grid of 24 columns. */
export interface Board {
  /** In its address: lower case, digits, dashes. */
  readonly uid: string;
  readonly title: string;
  readonly description?: string;
  readonly tags: readonly string[];
  /** Default range and refresh, in the grammar of the page: `now-1h`, `5s`. */
  readonly from: string;
  readonly to: string;
  readonly refresh: string;
  /** Alerts whose firing raises the banner on this board. */
  readonly bannerAlerts: readonly string[];
  readonly panels: readonly Panel[];
}

export type PanelKind = "timeseries" | "stat" | "lights" | "table";

export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description?: string;
  readonly kind: PanelKind;
  readonly grid: PanelPlace;
  readonly queries: readonly PanelQuery[];
  readonly unit: Unit;
  readonly limits?: readonly PanelLimit[];
  /** Least value of the y axis; absent = 0 for counts, rates and shares, else what the data has. */
  readonly min?: number;
}

/** In columns of 1/24 and rows of 30 px + 8 px, as in imported boards. */
export interface PanelPlace {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface PanelQuery {
  /** Strict PromQL; `$__interval` and `$__rate_interval` are replaced. */
  readonly expr: string;
  /** `{{label}}` is replaced by the label's value; absent = the label set. */
  readonly legend?: string;
  /** A series colour of the palette, or a status colour where the board says so. */
  readonly color?: "s1" | "s2" | "s3" | "s4" | "s5" | "s6" | "s7" | "s8" | "ok" | "warn" | "crit";
}

export interface PanelLimit {
  readonly value: number;
  readonly state: "warn" | "crit";
  /** `limit 5 %`; absent = made from value and unit. */
  readonly label?: string;
  /** Which side is bad; absent = above. */
  readonly bad?: "above" | "below";
}

/** What a number counts; how it is scaled and written is panels' business. */
export type Unit =
  | "none"
  | "count"
  | "ms"
  | "seconds"
  | "timestamp" // seconds since 1970, shown as date and time
  | "bytes"
  | "bytes-per-second"
  | "per-second"
  | "per-minute"
  | "per-hour"
  | "share" // 0 … 1, shown as %
  | "percent" // 0 … 100
  | "usd"
  | "bool";
