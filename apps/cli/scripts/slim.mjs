// What the bundle leaves out or loads only when it is used: it is a third of every command's start.
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { withDirectImports } from './direct-imports.mjs'

/** Modules that oclif loads at every start for cases that do not occur here. */
const stubs = {
  // Finds out about a plugin; `ownPlugin` tells all there is.
  './plugin': 'exports.Plugin = class {}',
  // Loads hooks, help classes and TypeScript sources, of which there are none.
  './ts-path': 'exports.tsPath = async () => undefined',
  '../config/ts-path': 'exports.tsPath = async () => undefined',
  '../module-loader': '',
  // DEBUG=… output.
  debug: 'const off = Object.assign(() => {}, { enabled: false, extend: () => off }); module.exports = Object.assign(() => off, { default: () => off, enable() {}, enabled: () => false, formatters: {} })',
  // Names the platform "wsl" in the version line.
  'wsl-utils': "module.exports = { isWsl: false, powerShellPath: async () => 'powershell.exe' }",
}

/** Built-in modules that a list or a search does not need. */
const LAZY = ['child_process', 'crypto', 'fs/promises', 'perf_hooks', 'readline', 'zlib']

export const slim = {
  name: 'slim',
  setup(build) {
    const names = Object.keys(stubs).join('|').replaceAll('.', '\\.')
    build.onResolve({ filter: new RegExp(`^(${names})$`) }, ({ path, importer }) => (importer.includes('@oclif/core') ? { path, namespace: 'stub' } : undefined))
    build.onLoad({ filter: /.*/, namespace: 'stub' }, ({ path }) => ({ contents: stubs[path], loader: 'js' }))

    build.onResolve({ filter: /^(node:)?[a-z_/0-9]+$/ }, ({ path, kind, importer }) => {
      const name = path.replace(/^node:/, '')
      if (!builtinModules.includes(name)) return undefined
      if (kind === 'import-statement') return { path: name, namespace: 'builtin', sideEffects: false }
      return kind === 'require-call' && LAZY.includes(name) && importer.includes('@oclif/core') ? { path: name, namespace: 'lazy' } : undefined
    })
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, async ({ path }) => ({ contents: importable(path, await import(`node:${path}`)), loader: 'js' }))
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => process.getBuiltinModule('node:${path}')[name] })`,
      loader: 'js',
    }))

    build.onLoad({ filter: /(packages[\\/](sessions|storage)[\\/]dist|apps[\\/]cli[\\/]src)[\\/].*\.(js|ts)$/ }, ({ path }) => ({
      // Of a namespace, but not of an object, esbuild can tell which parts of zod are used.
      contents: withDirectImports(readFileSync(path, 'utf8').replace("import { z } from 'zod'", "import * as z from 'zod'")),
      loader: path.endsWith('.ts') ? 'ts' : 'js',
    }))
    // Every message that zod shows here is our own.
    build.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export { default as en } from './en.js'", loader: 'js' }))
  },
}

/**
 * A built-in module as an ES module of which only what is used is touched: Node's own also loads all that the module's
 * lazy getters would (node:fs: the streams, 5 ms). Functions of a lazy one load it when they are called.
 */
function importable(name, module) {
  const members = Object.entries(module).filter(([member]) => member !== 'default' && member !== 'module.exports')
  const isPlain = ([member, value]) => typeof value === 'function' && /^[a-z]/.test(member)
  const lines = members.map((entry) =>
    LAZY.includes(name) && isPlain(entry)
      ? `export const ${entry[0]} = /* @__PURE__ */ late('${entry[0]}')`
      : `export const ${entry[0]} = /* @__PURE__ */ (() => builtin().${entry[0]})()`,
  )
  return `const builtin = () => process.getBuiltinModule('node:${name}')
const custom = Symbol.for('nodejs.util.promisify.custom')
const late = (name) => Object.defineProperty((...args) => builtin()[name](...args), custom, { get: () => builtin()[name][custom] })
export default /* @__PURE__ */ builtin()
${lines.join('\n')}
`
}
