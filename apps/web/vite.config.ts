import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** `npm run build:web` makes dist/, which the hub serves; `vite apps/web` asks a running hub. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, sourcemap: false },
  server: { proxy: { "/api": process.env.HMS_OPS_URL ?? "http://127.0.0.1:9090" } },
});
