import { defineConfig } from "vite";

// Where `npm run dev` finds a hub; the built dashboard speaks to whoever serves it.
const hub = process.env.FERRY_HUB ?? "http://127.0.0.1:8080";

export default defineConfig({
  build: {
    target: "es2022",
    // Everything is a file of its own: the hub's content security policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // The hub takes changes from its own page only: the Host stays the one that the page came from.
  server: { proxy: { "/api": { target: hub, changeOrigin: false } } },
});
