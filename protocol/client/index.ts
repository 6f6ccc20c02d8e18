export { Client, type CallOptions, type ClientOptions } from "./client.ts";
export type { StreamOptions } from "./events.ts";
