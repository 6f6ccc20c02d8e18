/** Of the time that the prompts in hand will take. */
const share = 0.02;
const longestUs = 50_000;

/**
 * Lets the first step after a pause wait a little for the rest of a burst. A request that misses the step waits for all of it, and answers that
 * began apart do not end together: their last steps are narrow, and a narrow step costs nearly as much as a wide one. The wait is a small part
 * of what the prompts in hand will take, so that a request that comes alone hardly feels it.
 */
export class BurstStart {
  #waitedUs = 0;
  #begun = false;

  /** How long to wait now, before prompts that will take so long; 0 when nothing was added while it waited, and once the first step was taken. */
  waitUs(promptUs: number): number {
    if (this.#begun) return 0;
    const waitUs = Math.min(longestUs, share * promptUs) - this.#waitedUs;
    this.#waitedUs += Math.max(0, waitUs);
    return Math.max(0, waitUs);
  }

  /** A turn is over in which so many answers took a step; without any the next one is the first again. */
  turned(took: number): void {
    this.#begun = took > 0;
    this.#waitedUs = 0;
  }
}
