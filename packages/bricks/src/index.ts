import "./tokens.css";
import "./base.css";

export { BoardPanel, type BoardPanelProps } from "./board/board-panel.tsx";
export { ChartScope, type ChartScopeValue, useChartScope } from "./board/chart-scope.tsx";
export { LegendTable, type LegendTableProps } from "./board/legend-table.tsx";
export { panelStateOf } from "./board/live-words.ts";
export { MetricChart, type MetricChartProps } from "./board/metric-chart.tsx";
export { ModelTable, type ModelTableProps } from "./board/model-table.tsx";
export { StatusLight, type StatusLightProps } from "./board/status-light.tsx";
export { TimeseriesChart, type TimeseriesChartProps } from "./board/timeseries-chart.tsx";
export { type Frame, useFrame } from "./board/use-frame.ts";
export {
  Button,
  type ButtonLook,
  type ButtonProps,
  LinkButton,
  type LinkButtonProps,
} from "./controls/button.tsx";
export { CommandHint, type CommandHintProps } from "./controls/command-hint.tsx";
export { Dialog, type DialogProps } from "./controls/dialog.tsx";
export { Field, type FieldProps, SelectField, type SelectFieldProps } from "./controls/field.tsx";
export { Menu, type MenuChoice, type MenuProps } from "./controls/menu.tsx";
export { type Segment, SegmentedBar, type SegmentedBarProps } from "./controls/segmented-bar.tsx";
export { TimePicker, type TimePickerProps } from "./controls/time-picker.tsx";
export { Icon, type IconName, type IconProps } from "./icons.tsx";
export {
  type DataColumn,
  type DataSort,
  DataTable,
  type DataTableProps,
} from "./panel/data-table.tsx";
export { Empty, type EmptyProps } from "./panel/empty.tsx";
export { Lights, type LightsProps } from "./panel/lights.tsx";
export { Panel, type PanelProps, type PanelState } from "./panel/panel.tsx";
export { Sparkline, type SparklineProps } from "./panel/sparkline.tsx";
export { Stat, type StatProps } from "./panel/stat.tsx";
export { Banner, type BannerFact, type BannerProps } from "./shell/banner.tsx";
export { Mark, type MarkProps } from "./shell/mark.tsx";
export {
  MissionStrip,
  type MissionStripProps,
  type StripAlerts,
  type StripIngest,
} from "./shell/mission-strip.tsx";
export { PulseTape, type PulseTapeProps, type PulseTapeTick } from "./shell/pulse-tape.tsx";
export { Rail, type RailItem, type RailProps } from "./shell/rail.tsx";
export { PageHead, type PageHeadProps, Shell, type ShellProps } from "./shell/shell.tsx";
export {
  StatusGlyph,
  type StatusGlyphProps,
  StatusMark,
  type StatusMarkProps,
} from "./status/status-mark.tsx";
export { applyTheme, readTheme, THEME_WORDS, THEMES, type Theme } from "./theme.ts";
