/** Reads which files a patch in Codex's own form touches. */
import type { Action } from '@gobby/storage'

type Paths = NonNullable<Action['paths']>

/** `folder`: where the patch is applied, when the call says so; relative paths are then given from there. */
export function patchAction(text: string, folder?: string): Action | undefined {
  const paths = patchPaths(text)
  for (const file of paths) {
    file.path = from(folder, file.path)
    if (file.from !== undefined) file.from = from(folder, file.from)
  }
  return paths.length > 0 ? { kind: 'edit', paths } : undefined
}

/** Lines of content begin with `+`, `-` or a blank, so a line that begins with stars is never content. */
function patchPaths(text: string): Paths {
  const paths: Paths = []
  for (const [, word, moved, name] of text.matchAll(/^\*\*\* (?:(Add|Update|Delete) File|(Move to)): (.+?)\r?$/gm)) {
    const last = paths.at(-1)
    if (!name) continue
    if (moved && last) paths[paths.length - 1] = { path: name, change: 'renamed', from: last.path }
    else if (word) paths.push({ path: name, change: word === 'Add' ? 'added' : word === 'Delete' ? 'deleted' : 'modified' })
  }
  return paths
}

/** What a shell script does: it runs, and it may hand patches to `apply_patch`. */
export function scriptActions(script: string, workdir?: string): Action[] {
  const run: Action[] = [{ kind: 'shell', command: script }]
  return run.concat(scriptPatches(script, workdir))
}

function scriptPatches(script: string, workdir?: string): Action[] {
  if (!/\bapply_?patch\b/.test(script)) return []
  let end = 0
  return [...script.matchAll(/\*\*\* Begin Patch[\s\S]*?\*\*\* End Patch/g)].flatMap((patch) => {
    const moved = CD.exec(script.slice(end, patch.index))
    end = patch.index + patch[0].length
    const folder = moved?.[1] ?? moved?.[2] ?? moved?.[3]
    return patchAction(patch[0], folder === undefined ? workdir : from(workdir, folder)) ?? []
  })
}

/** `cd folder && apply_patch <<'EOF'`, right before the patch. */
const CD = /(?:^|[\n;&|])\s*cd\s+(?:"([^"\n]+)"|'([^'\n]+)'|([^\s;&|]+))\s*(?:&&|;|\n)\s*apply_?patch\b[^\n]*\s*$/

function from(folder: string | undefined, path: string): string {
  if (!folder || /^(?:[/\\~]|[A-Za-z]:)/.test(path)) return path
  return `${folder.replace(/\/+$/, '')}/${path}`
}
