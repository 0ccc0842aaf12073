#!/usr/bin/env node
import { main } from './main.js';

// Whoever reads the output may stop early (| head): that is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`adaptive-pool: cannot write to standard output (${error.code})\n`);
  process.exit(2);
});

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  isTerminal: process.stderr.isTTY,
  now: () => performance.now(),
});
