import type { Database } from "better-sqlite3";

/** Step n brings a database of `user_version` n to n + 1. Steps are only ever added: databases of all ages are about. */
const steps: readonly string[] = [
  `create table traces (
     id text primary key,
     model text not null,
     route text not null,
     started_at text not null,
     status text not null,
     error_code text,
     duration_us real not null,
     prompt_tokens integer not null,
     completion_tokens integer not null,
     ttft_us real,
     tokens_per_second real,
     detail blob not null
   )`,
  // Apart from the traces: their rows are read whole, and a list must not pass over megabytes of tokens. `trace` is the trace's rowid.
  `create table trace_tokens (
     trace integer primary key,
     level text not null,
     complete integer not null,
     start_us real not null,
     cached integer not null,
     parts blob not null
   )`,
];

/** Brings the schema up to date, all or nothing. Throws when a newer Inferno has written the file. */
export function migrate(database: Database): void {
  const version = Number(database.pragma("user_version", { simple: true }));
  if (version > steps.length) throw new Error(`the file is of version ${version}, newer than this Inferno's ${steps.length}`);
  database.transaction(() => {
    for (const step of steps.slice(version)) database.exec(step);
    database.pragma(`user_version = ${steps.length}`);
  }).immediate();
}
