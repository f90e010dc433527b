/** One change of a settings file. Paths name keys, and places in lists. */
export type Path = (string | number)[]

export type Edit =
  /** Gives a key, or a place in a list that is there, another value; makes the objects above it. */
  | { kind: 'set'; at: Path; value: unknown }
  /** Adds to the end of a list; makes it, and the objects above it. */
  | { kind: 'append'; at: Path; value: unknown }
  | { kind: 'remove'; at: Path }

/** A settings file's text, and how it is read and changed. Nothing but what an edit names may change. */
export type Editor = {
  /** @throws Refusal where the text cannot be understood */
  parse(text: string): unknown
  edit(text: string, edit: Edit): string
}

type Container = Record<string | number, unknown>

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

/** What stands there; undefined where nothing does. */
export function valueAt(root: unknown, at: Path): unknown {
  return at.reduce<unknown>((value, key) => (isContainer(value) && Object.hasOwn(value, key) ? value[key] : undefined), root)
}

/** The value after the edits: what the edited text must mean. `root` is not changed. */
export function applied(root: unknown, edits: Edit[]): unknown {
  const result = structuredClone(root)
  for (const edit of edits) applyTo(result, edit)
  return result
}

function applyTo(root: unknown, edit: Edit): void {
  const above = edit.at.slice(0, -1)
  const key = edit.at.at(-1)
  if (key === undefined) return
  let holder = root as Container
  for (const [depth, step] of above.entries()) {
    if (!isContainer(holder[step])) define(holder, step, typeof edit.at[depth + 1] === 'number' ? [] : {})
    holder = holder[step] as Container
  }
  if (edit.kind === 'set') define(holder, key, edit.value)
  else if (edit.kind === 'append') {
    if (!Array.isArray(holder[key])) define(holder, key, [])
    ;(holder[key] as unknown[]).push(edit.value)
  } else if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else delete holder[key]
}

/** A key named `__proto__` is a key like any other. */
function define(holder: Container, key: string | number, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true })
}
