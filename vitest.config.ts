import { defineConfig } from "vitest/config";

/** One project a kind of test, so that `npm test` and a person can ask for either. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.test.{ts,tsx}",
            "apps/*/src/**/*.test.{ts,tsx}",
            "demo/**/*.test.ts",
            "bench/**/*.test.ts",
            "sim/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", "**/dist/**"],
        },
      },
      { test: { name: "tools", include: ["tools/**/*.test.ts"] } },
      {
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          exclude: ["**/node_modules/**"],

          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
