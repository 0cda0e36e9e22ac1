import type { Outcome } from "../figure.ts";
import type { PromqlBenchOptions } from "./options.ts";

export async function benchHostile(
  _folder: string,
  _options: PromqlBenchOptions,
  _log: (text: string) => void,
): Promise<Outcome> {
  throw new Error("not yet");
}
