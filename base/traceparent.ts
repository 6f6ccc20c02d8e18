/** W3C Trace Context: who called, as the header `traceparent` says it. */
export interface Caller {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Of the caller's span: 16 hexadecimal digits. */
  readonly spanId: string;
}

const form = /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-[0-9a-f]{2}(?<more>-.*)?$/s;
const isZero = (digits: string): boolean => /^0+$/.test(digits);

/** Null where there is no valid header: the specification wants an invalid one taken as none. Whether the caller samples is not asked, for every request leaves a trace here. */
export function callerOf(header: string | readonly string[] | undefined): Caller | null {
  const { version, traceId, spanId, more } = form.exec(typeof header === "string" ? header.trim() : "")?.groups ?? {};
  if (version === undefined || traceId === undefined || spanId === undefined) return null;
  // Later versions may say more behind what this one has; version ff is forbidden.
  if (version === "ff" || (version === "00" && more !== undefined)) return null;
  return isZero(traceId) || isZero(spanId) ? null : { traceId, spanId };
}
