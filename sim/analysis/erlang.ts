/**
 * Erlang's loss formula B(c, a): the part of callers that find all servers busy when nobody may wait. By the recursion
 * B(0) = 1, B(k) = a·B(k − 1) / (k + a·B(k − 1)) (Jagerman 1974), which cannot overflow.
 *
 * @param servers Number of servers c, an integer, 0 or more.
 * @param offered Offered load a = arrival rate · mean service time, in Erlang, 0 or more.
 */
export function erlangB(servers: number, offered: number): number {
  let blocking = 1;
  for (let server = 1; server <= servers; server += 1) {
    blocking = (offered * blocking) / (server + offered * blocking);
  }
  return blocking;
}

/**
 * Erlang's delay formula C(c, a): the part of callers that have to wait in M/M/c, from
 * C = c·B / (c − a·(1 − B)) (Erlang 1917). 1 when the load is at least the number of servers.
 *
 * @param servers Number of servers c, an integer, 1 or more.
 * @param offered Offered load in Erlang.
 */
export function erlangC(servers: number, offered: number): number {
  if (offered >= servers) return 1;
  const blocking = erlangB(servers, offered);
  return (servers * blocking) / (servers - offered * (1 - blocking));
}

/**
 * Mean wait in M/M/c in milliseconds, over all callers: C(c, a) / (c·μ − λ). Infinity when the load is at least the
 * number of servers.
 *
 * @param servers Number of servers.
 * @param ratePerSecond Arrival rate λ.
 * @param serviceMs Mean service time 1/μ.
 */
export function meanWaitMs(servers: number, ratePerSecond: number, serviceMs: number): number {
  const offered = (ratePerSecond * serviceMs) / 1_000;
  if (offered >= servers) return Number.POSITIVE_INFINITY;
  return (erlangC(servers, offered) * serviceMs) / (servers - offered);
}

/**
 * Part of callers in M/M/c who wait longer than `waitMs`: C(c, a)·exp(−(c − a)·t·μ), first come first served.
 *
 * @param servers Number of servers.
 * @param ratePerSecond Arrival rate λ.
 * @param serviceMs Mean service time 1/μ.
 * @param waitMs The wait t.
 */
export function waitsLongerThan(
  servers: number,
  ratePerSecond: number,
  serviceMs: number,
  waitMs: number,
): number {
  const offered = (ratePerSecond * serviceMs) / 1_000;
  if (offered >= servers) return 1;
  return erlangC(servers, offered) * Math.exp((-(servers - offered) * waitMs) / serviceMs);
}

/**
 * The wait in milliseconds that the part `part` of callers in M/M/c does not exceed: 0 if that many need not wait at all,
 * otherwise ln(C(c, a) / (1 − part)) / (c·μ − λ). Infinity when the load is at least the number of servers.
 *
 * @param servers Number of servers.
 * @param ratePerSecond Arrival rate λ.
 * @param serviceMs Mean service time 1/μ.
 * @param part From 0 up to, but not including, 1.
 */
export function waitQuantileMs(
  servers: number,
  ratePerSecond: number,
  serviceMs: number,
  part: number,
): number {
  const offered = (ratePerSecond * serviceMs) / 1_000;
  if (offered >= servers) return Number.POSITIVE_INFINITY;
  const waiting = erlangC(servers, offered);
  if (waiting <= 1 - part) return 0;
  return (serviceMs * Math.log(waiting / (1 - part))) / (servers - offered);
}
