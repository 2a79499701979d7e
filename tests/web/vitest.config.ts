import { defineConfig } from "vitest/config";

export default defineConfig({
  // A browser at work: one file after the other, and time to start it.
  test: { fileParallelism: false, testTimeout: 30_000, hookTimeout: 60_000 },
});
