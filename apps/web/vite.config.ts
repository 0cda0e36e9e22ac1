/** `npm run build:web` makes dist/, which the hub serves; `npx vite apps/web` asks a running hub. */
export default {
  root: import.meta.dirname,
  build: { outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, sourcemap: false },
  server: { proxy: { "/api": process.env.HMS_OPS_URL ?? "http://127.0.0.1:9090" } },
};
