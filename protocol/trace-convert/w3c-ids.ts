/** W3C trace ids (16 bytes) and span ids (8 bytes) for ids of ours, always the same ones. */

export function w3cTraceId(id: string): string {
  const hex = id.replaceAll("-", "").toLowerCase();
  return /^[0-9a-f]{32}$/.test(hex) && !/^0+$/.test(hex) ? hex : hashOf(id, 0) + hashOf(id, 1);
}

export const w3cSpanId = (traceId: string, id: string): string => (/^[0-9a-f]{16}$/.test(id) && !/^0+$/.test(id) ? id : hashOf(`${traceId} ${id}`, 2));

const prime = 0x100_0000_01b3n;
const basis = 0xcbf2_9ce4_8422_2325n;
const mask = 0xffff_ffff_ffff_ffffn;

/** FNV-1a of 64 bits, never zero, which W3C keeps for no id. */
function hashOf(text: string, salt: number): string {
  let hash = basis ^ BigInt(salt + 1);
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * prime) & mask;
  return (hash === 0n ? 1n : hash).toString(16).padStart(16, "0");
}
