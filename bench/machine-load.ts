import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Length of one tick of /proc, in milliseconds, on every Linux that Node runs on. */
const TICK_MS = 10;

/** What else the machine did while something was measured. */
export interface Disturbance {
  /** Longest time that this process stood still, in milliseconds. */
  readonly stallMs: number;
  /** Time that this process and those that belong to it were ready to run and got no processor, per time, or null likewise. */
  readonly waitingShare: number | null;
  /** Processor time of others, as a part of the whole machine, 0..1; null where it cannot be known. */
  readonly foreignShare: number | null;
  /** Processor time that the hypervisor gave to other machines, as a part of the whole, 0..1; null likewise. */
  readonly stolenShare: number | null;
}

/** Measures from now on; the function returned ends that. `pids` are processes that belong to the measurement. */
export function watchMachine(pids: readonly number[]): () => Disturbance {
  const stalls = monitorEventLoopDelay({ resolution: 5 });
  const before = processorTimes(pids);
  const begin = performance.now();
  stalls.enable();
  return () => {
    stalls.disable();
    const after = processorTimes(pids);
    const stallMs = stalls.max / 1e6;
    if (before === null || after === null) {
      return { stallMs, waitingShare: null, foreignShare: null, stolenShare: null };
    }
    const lengthMs = performance.now() - begin;
    const wholeMs = lengthMs * availableParallelism();
    const foreignMs = after.busyMs - before.busyMs - (after.ownMs - before.ownMs);
    return {
      stallMs,
      waitingShare: (after.waitingMs - before.waitingMs) / lengthMs,
      foreignShare: Math.max(0, foreignMs / wholeMs),
      stolenShare: (after.stolenMs - before.stolenMs) / wholeMs,
    };
  };
}

interface ProcessorTimes {
  /** Of all processes. */
  readonly busyMs: number;
  /** Of this one and those that belong to it. */
  readonly ownMs: number;
  readonly stolenMs: number;
  /** How long this one and those were kept from running. */
  readonly waitingMs: number;
}

function processorTimes(pids: readonly number[]): ProcessorTimes | null {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, stolen = 0] = line
      .split(/\s+/)
      .slice(1)
      .map(Number);
    const { user: ownUser, system: ownSystem } = process.cpuUsage();
    let ownMs = (ownUser + ownSystem) / 1_000;
    let waitingMs = waitingOf('self');
    for (const pid of pids) {
      ownMs += timeOf(pid);
      waitingMs += waitingOf(String(pid));
    }
    return {
      busyMs: (user + nice + system + irq + softIrq) * TICK_MS,
      ownMs,
      stolenMs: stolen * TICK_MS,
      waitingMs,
    };
  } catch {
    return null;
  }
}

/** Processor time of another process in milliseconds. */
function timeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold anything; the time is the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** How long the main thread of a process was ready to run and did not, in milliseconds: its second number is nanoseconds. */
function waitingOf(pid: string): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
}
