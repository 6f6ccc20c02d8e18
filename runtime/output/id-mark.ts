/** Stands in a piece of a tool syntax where a call's id is written. No template writes this character. */
export const idMark = "\u0000";
