import { config } from "zod";

// The first import of every panel: zod decides while a schema is built whether it may compile it with `new Function`,
// which the panels' content security policy forbids (and would report on every start).
config({ jitless: true });
