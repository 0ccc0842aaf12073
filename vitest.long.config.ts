import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Tests that take minutes: `npm run test:long`. Every comparison is printed. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.long.ts'],
    testTimeout: 1_200_000,
    reporters: ['verbose'],
    disableConsoleIntercept: true,
    env: { ORACLE_PRINT: '1' },
  },
});

export default config;
