// Bundles the server: the answer to `initialize` is read from one small file, the rest is loaded when it is asked for.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
const bundle = join(root, 'dist/bundle')
const storage = join(dirname(fileURLToPath(import.meta.resolve('@gobby/storage'))), '..')

/** What the SDK and zod bring for cases that do not occur here. */
const slim = {
  name: 'slim',
  setup({ onLoad }) {
    // Checks answers to questions that this server never asks.
    onLoad({ filter: /sdk[\\/]dist[\\/]esm[\\/]validation[\\/]ajv-provider\.js$/ }, () => ({ contents: 'export class AjvJsonSchemaValidator {}', loader: 'js' }))
    // Every message that zod shows here is our own.
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export { default as en } from './en.js'", loader: 'js' }))
  },
}

const { outputFiles } = await build({
  // Written only when all is well, so that a failed build leaves the last good one.
  write: false,
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: 'dist/bundle',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.15',
  // Brings its binary along, found beside its own files.
  external: ['better-sqlite3'],
  // The storage package looks for its migrations two folders above the file it is in: for these, in dist/bundle/migrations.
  chunkNames: 'chunks/shared/[name]-[hash]',
  plugins: [slim],
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
})
rmSync(bundle, { recursive: true, force: true })
for (const { path, contents } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents)
}
cpSync(join(storage, 'migrations'), join(bundle, 'migrations'), { recursive: true, filter: (path) => !path.endsWith('_snapshot.json') })
