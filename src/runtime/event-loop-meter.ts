/** How busy the event loop was since the previous question. */
export class EventLoopMeter {
  #mark = performance.eventLoopUtilization();

  /** 0..1, or null if no time has passed. */
  read(): number | null {
    const mark = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(mark, this.#mark);
    this.#mark = mark;
    return Number.isFinite(utilization) ? utilization : null;
  }
}
