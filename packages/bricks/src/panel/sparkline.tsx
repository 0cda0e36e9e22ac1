import { type SparklineModel, sparklinePath } from "@hms-ops/panels";
import "./sparkline.css";

export interface SparklineProps {
  readonly model: SparklineModel;
}

/** 24 px, from 0, ink; in the status colour only where it breaks its limit. Decoration of a number. */
export function Sparkline({ model }: SparklineProps) {
  const { line, limitY } = sparklinePath(model);
  return (
    <svg
      className={`hms-spark hms-spark-${model.state}`}
      viewBox="0 0 96 24"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path className="hms-spark-ground" d="M0 23.5H96" />
      {limitY === undefined ? null : <path className="hms-spark-limit" d={`M0 ${limitY}H96`} />}
      <path className="hms-spark-line" d={line} />
    </svg>
  );
}
