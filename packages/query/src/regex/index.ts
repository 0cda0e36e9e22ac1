export { compileRegex, isRegex, type LinearRegex } from "./linear-regex.ts";
export { compilePartRegex, type PartRegex } from "./parts.ts";
