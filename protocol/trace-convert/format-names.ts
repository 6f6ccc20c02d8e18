/** What a trace can be exported to. Apart from the converters, so that who only knows the API does not load them. */
export const exportFormats = ["chrome", "speedscope", "cpuprofile", "otlp"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The ends of files' names. */
export const fileEnds: Readonly<Record<ExportFormat, string>> = { chrome: ".trace.json", speedscope: ".speedscope.json", cpuprofile: ".cpuprofile", otlp: ".otlp.json" };
