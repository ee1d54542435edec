import { defineConfig } from "vite";

// One JS and one CSS file, since each asset is a Lambda call; relative addresses, since a stage prefix comes before.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../chalicelib/console",
    emptyOutDir: true,
    cssCodeSplit: false,
    modulePreload: false,
    assetsInlineLimit: 0,
    sourcemap: false,
    rolldownOptions: { output: { codeSplitting: false } },
  },
});
