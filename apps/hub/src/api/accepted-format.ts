/** What a query's answer may be written as. */
export type AcceptedFormat = "json" | "csv" | "arrow";

const FORMATS: Readonly<Record<string, AcceptedFormat>> = {
  "application/json": "json",
  "text/csv": "csv",
  "application/vnd.apache.arrow.stream": "arrow",
};

/** What an Accept header asks for most; JSON where it names nothing that we write. */
export function acceptedFormat(accept: string | undefined): AcceptedFormat {
  let best: AcceptedFormat = "json";
  let bestWeight = 0;
  for (const part of (accept ?? "").split(",")) {
    const [type = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const format = FORMATS[type];
    const weight = weightOf(parameters);
    if (!format || weight <= bestWeight) continue;
    best = format;
    bestWeight = weight;
  }
  return best;
}

function weightOf(parameters: readonly string[]): number {
  const text = parameters.find((one) => one.startsWith("q="))?.slice(2);
  if (text === undefined) return 1;
  const weight = Number(text);
  return weight >= 0 && weight <= 1 ? weight : 0;
}
