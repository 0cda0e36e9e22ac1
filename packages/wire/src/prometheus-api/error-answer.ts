/** `errorType` of an answer that failed. */
export type PrometheusErrorType =
  | "bad_data"
  | "execution"
  | "canceled"
  | "timeout"
  | "internal"
  | "unavailable"
  | "not_found"
  | "not_acceptable";

const TYPES: Readonly<Record<number, PrometheusErrorType>> = {
  400: "bad_data",
  404: "not_found",
  406: "not_acceptable",
  422: "execution",
  499: "canceled",
  503: "timeout",
};

/** The type that clients expect beside an HTTP status. */
export function errorTypeOfStatus(status: number): PrometheusErrorType {
  return TYPES[status] ?? (status < 500 ? "bad_data" : "internal");
}

export function writeErrorAnswer(errorType: PrometheusErrorType, error: string): string {
  return JSON.stringify({ status: "error", errorType, error });
}
