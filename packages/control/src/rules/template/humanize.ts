import { formatGeneral } from "./values.ts";

const LARGE = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL = ["", "m", "u", "n", "p", "f", "a", "z", "y"];
const BINARY = ["", "ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

/** 1234567 is `1.235M`, 0.002 is `2m`. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatGeneral(value, 4);
  return Math.abs(value) >= 1
    ? scaleDown(value, 1000, LARGE)
    : scaleUp(value, (scaled, prefix) => formatGeneral(scaled, 4) + prefix);
}

/** 1536 is `1.5ki`. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return formatGeneral(value, 4);
  return scaleDown(value, 1024, BINARY);
}

/** 0.078 is `7.8%`. */
export function humanizePercentage(value: number): string {
  return `${formatGeneral(value * 100, 4)}%`;
}

/** Seconds: 93784 is `1d 2h 3m 4s`, 0.25 is `250ms`. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatGeneral(seconds, 4);
  if (seconds === 0) return "0s";
  if (Math.abs(seconds) < 1) {
    return scaleUp(seconds, (scaled, prefix) => `${formatGeneral(scaled, 4)}${prefix}s`);
  }
  const sign = seconds < 0 ? "-" : "";
  const whole = Math.trunc(Math.abs(seconds));
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor(whole / 3600) % 24;
  const minutes = Math.floor(whole / 60) % 60;
  const rest = whole % 60;
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${rest}s`;
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${rest}s`;
  if (minutes > 0) return `${sign}${minutes}m ${rest}s`;
  return `${formatGeneral(seconds, 4)}s`;
}

/** Unix seconds: `2023-11-14 22:13:20 +0000 UTC`. */
export function humanizeTimestamp(seconds: number): string {
  const timeMs = Math.round(seconds * 1000);
  if (!Number.isFinite(timeMs) || Math.abs(timeMs) > 8.64e15) return formatGeneral(seconds, 4);
  const [date = "", time = ""] = new Date(timeMs).toISOString().slice(0, -1).split("T");
  const [clock = "", fraction = ""] = time.split(".");
  const shown = fraction.replace(/0+$/, "");
  return `${date} ${clock}${shown && `.${shown}`} +0000 UTC`;
}

function scaleDown(value: number, base: number, prefixes: readonly string[]): string {
  let scaled = value;
  let step = 0;
  while (Math.abs(scaled) >= base && step < prefixes.length - 1) {
    scaled /= base;
    step++;
  }
  return formatGeneral(scaled, 4) + (prefixes[step] ?? "");
}

function scaleUp(value: number, show: (scaled: number, prefix: string) => string): string {
  let scaled = value;
  let step = 0;
  while (Math.abs(scaled) < 1 && step < SMALL.length - 1) {
    scaled *= 1000;
    step++;
  }
  return show(scaled, SMALL[step] ?? "");
}
