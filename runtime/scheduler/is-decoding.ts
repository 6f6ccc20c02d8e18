import type { SequenceState } from "./plan.ts";

/** One token behind a filled cache: an answer's last token (or a prompt's, which costs a step no more). */
export const isDecoding = ({ cached, pending }: Pick<SequenceState, "cached" | "pending">): boolean => cached > 0 && pending === 1;
