/** A table of steps, each with how often it comes up. */
export type StepTable<Run> = Readonly<Record<string, { readonly weight: number; readonly run: Run }>>;
