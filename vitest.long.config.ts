import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Tests that take minutes: `npm run test:long`. */
const config: ViteUserConfig = defineConfig({
  test: { include: ['test/**/*.long.ts'], testTimeout: 1_200_000 },
});

export default config;
