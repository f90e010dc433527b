/** Something that keeps gobby from working, and what to do about it. */
export type Problem = { what: string; do: string }
