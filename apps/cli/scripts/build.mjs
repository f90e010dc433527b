// Bundles the app: what a command needs is read from a few files, which takes a third of the time of some 200.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { writeManifest } from './manifest.mjs'
import { inOne, slim, withEngine } from './slim.mjs'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const storage = join(dirname(fileURLToPath(import.meta.resolve('@gobby/storage'))), '..')

const sessions = join(dirname(fileURLToPath(import.meta.resolve('@gobby/sessions'))), '..')

const shared = {
  // Written only when all is well, so that a failed build leaves the last good one.
  write: false,
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.15',
  // Brings its binary along, found beside its own files; and the service, which one command loads.
  external: ['better-sqlite3', '@gobby/http'],
  // Its own entry for bundlers; the other one hides from esbuild what it requires.
  alias: { 'jsonc-parser': join(sessions, 'node_modules/jsonc-parser/lib/esm/main.js') },
  // oclif is CommonJS.
  banner: {
    js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;",
  },
  plugins: [slim],
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
}
// The storage package looks for its migrations two folders above the file it is in: for all of these, in dist/migrations.
const commands = await build({
  ...shared,
  entryPoints: ['src/main.ts', 'src/commands/**/*.ts'],
  outdir: 'dist',
  outbase: 'src',
  splitting: true,
  chunkNames: 'chunks/shared/[name]-[hash]',
})
// CommonJS: Node loads its module loader for the other kind first, which takes a tenth of a hook's time.
const hook = await build({
  ...shared,
  external: [],
  minifyIdentifiers: true,
  plugins: [withEngine, inOne, slim],
  entryPoints: ['src/hook/main.ts'],
  outfile: 'dist/programs/hook/main.cjs',
  format: 'cjs',
  define: { 'import.meta.url': 'ownUrl' },
  banner: { js: "const ownUrl = require('node:url').pathToFileURL(__filename).href;" },
})
rmSync(dist, { recursive: true, force: true })
for (const { path, contents } of [...commands.outputFiles, ...hook.outputFiles]) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents)
}
cpSync(join(storage, 'migrations'), join(dist, 'migrations'), { recursive: true, filter: (path) => !path.endsWith('_snapshot.json') })
await writeManifest(root)
