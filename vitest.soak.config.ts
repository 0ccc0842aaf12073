import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Tests that go on for minutes to meet what happens rarely, one file after the other: `npm run test:soak`. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.soak.ts'],
    testTimeout: 1_800_000,
    fileParallelism: false,
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
});

export default config;
