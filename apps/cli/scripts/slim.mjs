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
const LAZY = ['child_process', 'crypto', 'fs/promises', 'perf_hooks', 'readline', 'stream', 'timers/promises', 'v8', 'zlib']

/** Which files are ours. */
const OWN = /(packages[\\/](sessions|storage|tasks)[\\/]dist|apps[\\/]cli[\\/]src)[\\/].*\.(js|ts)$/

/** What our own files load late is loaded at once: in a single file it would keep esbuild from leaving out what is not used. */
export const inOne = {
  name: 'in one',
  setup(build) {
    build.onLoad({ filter: OWN }, ({ path }) => {
      const late = []
      const text = ownText(path).replace(/const (\{[^}]+\}) = await import\(('\.[^']+')\);?/g, (_, names, from) => {
        late.push(`import ${names} from ${from};`)
        return ''
      })
      return { contents: `${late.join('')}${text}`, loader: path.endsWith('.ts') ? 'ts' : 'js' }
    })
  },
}

/** The engine's own JavaScript in the bundle: its dozen files are found and read one by one otherwise. Its binary stays where it is. */
export const withEngine = {
  name: 'with engine',
  setup(build) {
    build.onLoad({ filter: /better-sqlite3[\\/]lib[\\/]binding\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes('__dirname')) throw new Error('better-sqlite3 finds its binary in another way now: see withEngine')
      return { contents: `${text.replaceAll('__dirname', 'engineFolder')}\n${engineFolder}`, loader: 'js' }
    })
  },
}

/** Where Node would find the engine: folder by folder upwards, without reading what its package says of itself. */
const engineFolder = `var engineFolder = (() => {
  const engine = 'better-sqlite3';
  for (let folder = __dirname; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const lib = path.join(folder, 'node_modules', engine, 'lib');
    if (fs.existsSync(lib)) return lib;
  }
  return path.dirname(require.resolve(engine));
})();`

/** Of a namespace, but not of an object, esbuild can tell which parts of zod are used. */
function ownText(path) {
  return withDirectImports(readFileSync(path, 'utf8').replace("import { z } from 'zod'", "import * as z from 'zod'"))
}

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

    build.onLoad({ filter: OWN }, ({ path }) => ({ contents: ownText(path), loader: path.endsWith('.ts') ? 'ts' : 'js' }))
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
  const isTable = ([, value]) => typeof value === 'object' && value !== null
  const lines = members.map((entry) =>
    LAZY.includes(name) && (isPlain(entry) || isTable(entry))
      ? `export const ${entry[0]} = /* @__PURE__ */ ${isPlain(entry) ? 'late' : 'lateTable'}('${entry[0]}')`
      : `export const ${entry[0]} = /* @__PURE__ */ (() => builtin().${entry[0]})()`,
  )
  return `const builtin = () => process.getBuiltinModule('node:${name}')
const custom = Symbol.for('nodejs.util.promisify.custom')
const lateTable = (name) => new Proxy({}, { get: (_, member) => builtin()[name][member] })
const late = (name) => Object.defineProperty((...args) => builtin()[name](...args), custom, { get: () => builtin()[name][custom] })
export default /* @__PURE__ */ builtin()
${lines.join('\n')}
`
}
