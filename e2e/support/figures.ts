import { appendFileSync } from "node:fs";

/** What a proof measured or counted; kept in proof/<name>.json when `npm run prove` asked. */
export function reportFigures(figures: Readonly<Record<string, number | string>>): void {
  const file = process.env.HMS_OPS_FIGURES;
  if (file) appendFileSync(file, `${JSON.stringify(figures)}\n`);
}

/** Of the campaign: given by HMS_OPS_SEED, else the fixed one of `npm test`. */
export const SEED = Number(process.env.HMS_OPS_SEED ?? 20_261_121);

/** How often to do a thing: the full count under `npm run prove`, the small one in CI. */
export function campaign(variable: string, inCi: number): number {
  return Number(process.env[variable] ?? inCi);
}
