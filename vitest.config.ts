import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    // Tests that run side by side in a file mostly wait.
    maxConcurrency: 8,
    coverage: { include: ['src/**', 'sim/**'] },
  },
});

export default config;
