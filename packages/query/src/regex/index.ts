export { compileRegex, isRegex, type LinearRegex } from "./linear-regex.ts";
