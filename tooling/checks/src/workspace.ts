import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../../..')

export type Package = {
  name: string
  /** Relative to the root, with slashes: `packages/storage`. */
  folder: string
  private: boolean
  bin: Record<string, string>
  exports: Record<string, unknown>
}

export type SourceFile = {
  /** Relative to the root, with slashes. */
  path: string
  text: string
  /** What it imports, as written. */
  imports: string[]
}

/** Every package below packages/ and apps/. */
export function packages(): Package[] {
  return globSync('{packages,apps}/*/package.json', { cwd: ROOT })
    .toSorted()
    .map((path) => {
      const { name, private: isPrivate, bin, exports } = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Partial<Package>
      return { name: name ?? '', folder: slashes(dirname(path)), private: isPrivate ?? false, bin: bin ?? {}, exports: exports ?? {} }
    })
}

/** The source files below `src/` and `bin/` of every package and app; with `tests` also those below `test/`. */
export function sources({ tests = false } = {}): SourceFile[] {
  const folders = tests ? '{src,bin,test}' : '{src,bin}'
  return globSync(`{packages,apps}/*/${folders}/**/*.{ts,js,mjs}`, { cwd: ROOT })
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8')
      return { path: slashes(path), text, imports: importsOf(text) }
    })
}

/** The module names in static imports, re-exports and `import()` of a source text. */
export function importsOf(text: string): string[] {
  const pattern = /(?:^|[;\s])(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '')
}

/** The package folder of a file: `packages/storage` of `packages/storage/src/open.ts`. */
export function packageOf(path: string): string {
  return path.split('/').slice(0, 2).join('/')
}

/** The file or folder that a relative import points to, relative to the root. */
export function target(from: string, specifier: string): string {
  return slashes(relative(ROOT, resolve(ROOT, dirname(from), specifier)))
}

function slashes(path: string): string {
  return path.split(sep).join('/')
}
